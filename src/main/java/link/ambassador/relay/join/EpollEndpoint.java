package link.ambassador.relay.join;

import io.netty.channel.epoll.RelaySocketChannel;
import java.io.IOException;

/**
 * A leg on epoll: what it receives is sent from where the kernel put it, or goes through a pipe; only what the peer does not
 * take at once is kept, in a buffer of its size.
 */
final class EpollEndpoint extends Endpoint implements RelaySocketChannel.Input {
    private final RelaySocketChannel channel;
    private final Splicer splicer;

    EpollEndpoint(ProxiedConnection join, RelaySocketChannel channel, boolean upstream) {
        super(join, channel, upstream);
        this.channel = channel;
        this.splicer = new Splicer(this, join.pipes());
    }

    @Override
    void attach() {
        super.attach();
        channel.input(this);
    }

    @Override
    void requestRead() {
        try {
            channel.requestRead();
        } catch (IOException e) {
            failed();
        }
    }

    @Override
    void unwatch() {
        try {
            channel.unwatch();
        } catch (IOException e) {
            failed();
        }
    }

    @Override
    public void readable() {
        try {
            try {
                if (!splicer.splice()) {
                    receive();
                }
            } catch (IOException e) {
                inputFailed();
            }
            readOn();
        } catch (Throwable e) {
            join.internalError(e);
        }
    }

    private void receive() throws IOException {
        boolean requested = isReadRequested();
        if (!requested && !TcpInfo.isClosed(channel)) {
            // Meant for the socket that had its number before, and was closed in this turn of the loop.
            return;
        }
        int bytes = channel.receive(join.budget().mostBytesToRead());
        readDone();
        if (bytes < 0) {
            inputEnds();
        } else if (bytes > 0 && requested) {
            passOn(bytes);
        } else if (bytes > 0) {
            passOnBeforeReset(bytes);
        }
    }

    private void passOn(int bytes) {
        join.moved(isUpstream(), bytes);
        splicer.copied(bytes);
        // Both are channels of one loop, and so of one kind.
        ((EpollEndpoint) peer()).sendReceived(bytes);
    }

    /**
     * Only an error makes epoll deliver what nobody asked for: what was received before a reset. The rest stays in the kernel
     * until the peer has taken this.
     */
    private void passOnBeforeReset(int bytes) {
        if (peer() == null) {
            join.downstreamGoneWhileConnecting();
            return;
        }
        unwatch();
        passOn(bytes);
        wasReset();
    }

    private void sendReceived(int bytes) {
        int sent = 0;
        if (takes()) {
            try {
                sent = channel.sendReceived(bytes);
            } catch (IOException toldAgain) {
                // When the rest is written: Netty hears of it then, and deals with it.
            }
        }
        if (sent < bytes) {
            write(channel.copyOfReceived(sent, bytes), bytes - sent);
        }
    }

    /** Received in a pipe, in place of the buffer. */
    void passOn(Pipe pipe, int bytes) {
        join.moved(isUpstream(), bytes);
        RelaySocketChannel sink = ((EpollEndpoint) peer()).channel;
        int left = bytes - pipe.give(sink, bytes);
        if (left == 0) {
            join.pipes().giveBack(pipe);
        } else {
            peer().write(pipe.message(left, sink), left);
        }
    }
}
