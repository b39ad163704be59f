package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.epoll.RelayServerChannel;

/**
 * The connections that wait to be accepted. How many, {@code tcpi_unacked} of a listening socket says ({@code tcp_get_info}
 * in the kernel's {@code net/ipv4/tcp.c}).
 */
public final class Backlog {
    /** Connects arrive while others are accepted; under a storm of them a listener would never close. */
    private static final int MOST_ROUNDS = 4;

    private Backlog() {}

    /**
     * Accepts what waits, so that closing the listener next resets as few as can be; nothing on another transport than
     * epoll. On the event loop.
     */
    public static void accept(Channel listener) {
        if (listener instanceof RelayServerChannel accepting) {
            for (int round = 0; round < MOST_ROUNDS; round++) {
                int waiting = TcpInfo.unacknowledged(listener);
                if (waiting == 0) {
                    return;
                }
                accepting.accept(waiting);
            }
        }
    }
}
