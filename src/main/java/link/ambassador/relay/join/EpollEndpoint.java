package link.ambassador.relay.join;

import io.netty.channel.epoll.RelaySocketChannel;
import java.io.IOException;

/**
 * An endpoint on epoll. It sends what it receives from the buffer that the kernel filled, or through a pipe. Only what
 * the peer does not take at once is kept, in a buffer of that size.
 */
final class EpollEndpoint extends Endpoint implements RelaySocketChannel.Input {
    private final RelaySocketChannel channel;
    private final Splicer splicer;

    EpollEndpoint(ProxiedConnection connection, RelaySocketChannel channel, boolean upstream) {
        super(connection, channel, upstream);
        this.channel = channel;
        this.splicer = new Splicer(this, connection.pipes());
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
    void readAtOnce() {
        if (isClosed() || !connection.budget().hasRoom()) {
            return;
        }
        try {
            // The end of the input is found again by the next read.
            int bytes = channel.receive(connection.budget().maxBytesToRead());
            if (bytes > 0) {
                passOn(bytes);
            }
        } catch (IOException e) {
            inputFailed();
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
            readNext();
        } catch (Throwable e) {
            connection.internalError(e);
        }
    }

    private void receive() throws IOException {
        boolean requested = isReadRequested();
        if (!requested && !TcpInfo.isClosed(channel)) {
            // The event was for a socket that had this descriptor before, and was closed in this turn of the loop.
            return;
        }
        int bytes = channel.receive(connection.budget().maxBytesToRead());
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
        connection.moved(isUpstream(), bytes);
        splicer.copied(bytes);
        peer().sendReceived(channel, bytes);
    }

    /**
     * Passes on bytes that nobody requested: epoll reports those only with an error, so a reset came behind them. The
     * rest stays in the kernel until the peer has taken these.
     */
    private void passOnBeforeReset(int bytes) {
        if (peer() == null) {
            connection.downstreamGoneWhileConnecting();
            return;
        }
        unwatch();
        passOn(bytes);
        wasReset();
    }

    /** The buffer of the loop has them, whichever channel received them. */
    @Override
    void sendReceived(RelaySocketChannel source, int bytes) {
        int sent = 0;
        if (output().takes()) {
            try {
                sent = channel.sendReceived(bytes);
            } catch (IOException seenAgain) {
                // Netty meets the same error when it writes the rest, and handles it.
            }
        }
        if (sent < bytes) {
            output().write(channel.copyOfReceived(sent, bytes), bytes - sent);
        }
    }

    /** Passes on what was received into a pipe and not into the buffer. */
    void passOn(Pipe pipe, int bytes) {
        connection.moved(isUpstream(), bytes);
        RelaySocketChannel sink = ((EpollEndpoint) peer()).channel;
        int left = bytes - pipe.send(sink, bytes);
        if (left == 0) {
            connection.pipes().release(pipe);
        } else {
            peer().output().write(pipe.region(left, sink), left);
        }
    }
}
