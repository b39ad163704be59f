package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.epoll.RelaySocketChannel;
import java.io.IOException;

/**
 * A connection to an upstream that waits for its downstream. What the upstream sends meanwhile waits in the kernel. On the event loop.
 */
public final class IdleUpstream {
    private final Channel channel;

    private IdleUpstream(Channel channel) {
        this.channel = channel;
    }

    /** Takes over a channel that was just connected, and from which nothing was read. */
    public static IdleUpstream of(Channel connected) {
        if (connected instanceof RelaySocketChannel epoll) {
            try {
                // Level-triggered epoll would tell of a reset again and again. The first read puts it back.
                epoll.unwatch();
            } catch (IOException e) {
                PipelineLeg.reset(connected);
            }
        }
        return new IdleUpstream(connected);
    }

    /** Whether neither side has ended it, as far as the kernel knows. */
    public boolean isOpen() {
        return TcpInfo.isEstablished(channel);
    }

    /** For the endpoint that uses it from now on. */
    public Channel channel() {
        return channel;
    }

    /** Ends it as a client does that has nothing to say. */
    public void close() {
        if (PipelineLeg.isOn(channel) && channel.isOpen()) {
            channel.attr(PipelineLeg.KEY).get().endOutput();
        }
        channel.close();
    }
}
