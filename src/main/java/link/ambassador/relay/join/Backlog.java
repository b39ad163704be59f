package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.epoll.RelayServerChannel;

/**
 * The connections that wait to be accepted. {@code tcpi_unacked} of a listening socket is their number ({@code
 * tcp_get_info} in the kernel's {@code net/ipv4/tcp.c}).
 */
public final class Backlog {
    /**
     * Connects arrive while others are accepted: without a limit, a listener under a storm of them would never close.
     */
    private static final int MAX_ROUNDS = 4;

    private Backlog() {}

    /**
     * Accepts what waits, so that the close of the listener, which comes next, resets as few connections as possible.
     * Does nothing without epoll. On the event loop.
     */
    public static void accept(Channel listener) {
        if (listener instanceof RelayServerChannel channel) {
            for (int round = 0; round < MAX_ROUNDS; round++) {
                int waiting = TcpInfo.unacknowledged(listener);
                if (waiting == 0) {
                    return;
                }
                channel.accept(waiting);
            }
        }
    }
}
