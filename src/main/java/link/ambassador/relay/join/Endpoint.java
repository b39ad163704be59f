package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.RelaySocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCounted;
import java.io.IOException;

/**
 * One side of a {@link ProxiedConnection}: the input of its channel, with the {@link Output} beside it.
 *
 * <p>Back-pressure is "one chunk in flight": an endpoint asks for the next read only when the kernel of the peer has
 * the chunk before it. So a stuck peer holds at most one chunk here (two if its own sender is reset meanwhile), however
 * small the messages are.
 *
 * <pre>
 *   input:   OPEN ─┬─ FIN read ──────────────────────────────────────────► ENDED
 *                  ├─ reset seen, or write failed ─► FAILED ─ rest read ─► ENDED
 *                  └─ closed ────────────────────────────────────────────► ENDED
 * </pre>
 */
abstract sealed class Endpoint extends ChannelInboundHandlerAdapter permits EpollEndpoint, PipelineEndpoint {
    /** The name that {@code NetServer} and {@code NetClient} give their handler in the pipeline. */
    static final String VERTX_HANDLER = "handler";

    final ProxiedConnection connection;
    private final Channel channel;
    private final boolean upstream;
    private final Output output;
    private Endpoint peer;
    private boolean inputEnded;
    private boolean failed;
    private boolean readRequested;
    private boolean waitingForBudget;
    private boolean discarding;

    Endpoint(ProxiedConnection connection, Channel channel, boolean upstream) {
        this.connection = connection;
        this.channel = channel;
        this.upstream = upstream;
        this.output = new Output(this, channel);
    }

    static Endpoint of(ProxiedConnection connection, Channel channel, boolean upstream) {
        return channel instanceof RelaySocketChannel epoll && !PipelineLeg.isOn(channel)
                ? new EpollEndpoint(connection, epoll, upstream)
                : new PipelineEndpoint(connection, channel, upstream);
    }

    /** Takes the place of Vert.x' handler. From now on it alone gets the channel's events. */
    void attach() {
        channel.pipeline().replace(VERTX_HANDLER, "endpoint", this);
    }

    /** Writes a chunk, now or when the kernel takes it. */
    void send(ReferenceCounted chunk) {
        channel.unsafe().write(chunk, channel.voidPromise());
        channel.unsafe().flush();
    }

    /** Writes a chunk with the next one, or at {@link #flush}. */
    void sendLater(ByteBuf chunk) {
        channel.unsafe().write(chunk, channel.voidPromise());
    }

    void flush() {
        channel.unsafe().flush();
    }

    /** Passes on what has come, without a request. */
    void readAtOnce() {}

    /** Writes what another channel of the loop received last. */
    void sendReceived(RelaySocketChannel source, int bytes) {
        output.write(source.copyOfReceived(0, bytes), bytes);
    }

    /**
     * Ends the output.
     *
     * @param closesNext the channel is closed next, which sends the FIN
     */
    void sendEnd(boolean closesNext) {
        if (!closesNext) {
            ((DuplexChannel) channel).shutdownOutput();
        }
    }

    /** A chunk was dropped, because the output is not open. */
    void dropped() {}

    /** Passes on what came before the peer was connected. */
    void passOnEarly() {}

    /** Asks the channel for one read, which ends in {@link #readDone} or {@link #inputEnds}. */
    abstract void requestRead();

    /** Stops the channel's events until the next read is requested, where that is possible. */
    abstract void unwatch();

    void connectTo(Endpoint other) {
        peer = other;
    }

    /** Reads what came before a reset, if the reset was seen before the connect. */
    void readBehindEarlyReset() {
        if (EarlyReset.isSeenOn(channel)) {
            wasReset();
        }
    }

    Endpoint peer() {
        return peer;
    }

    Output output() {
        return output;
    }

    boolean isUpstream() {
        return upstream;
    }

    boolean inputEnded() {
        return inputEnded;
    }

    /** Whether it was reset, although bytes from before may still have to be read. */
    boolean isFailed() {
        return failed;
    }

    boolean isClosed() {
        return !channel.isOpen();
    }

    Channel channel() {
        return channel;
    }

    /** Requests one chunk, if the peer can take it and the budget has room. */
    void read() {
        if (readRequested || waitingForBudget || inputEnded || isClosed() || peer == null) {
            return;
        }
        if (!discarding && !peer.output.takes()) {
            return;
        }
        if (!connection.budget().hasRoom()) {
            waitingForBudget = true;
            connection.budget().awaitRoom(this);
            return;
        }
        readRequested = true;
        requestRead();
    }

    /**
     * Reads on and drops the bytes. To close over unread bytes would reset the connection, and the remote side would
     * lose what it has yet to read.
     */
    void discardInput() {
        discarding = true;
        read();
    }

    /**
     * The budget has room again. Called while another connection releases bytes, so it passes on no error of this one.
     */
    void budgetHasRoom() {
        waitingForBudget = false;
        connection.run(this::read);
    }

    /** Whether the read that was requested may give its bytes to the peer as they come. */
    boolean mayPassOn() {
        return readRequested
                && !discarding
                && peer.output.takes()
                && !isClosed()
                && connection.budget().hasRoom();
    }

    boolean isReadRequested() {
        return readRequested;
    }

    /** The read that was requested is done, whatever it brought. */
    void readDone() {
        readRequested = false;
    }

    /** Requests the next read, after one that is done. */
    void readNext() {
        read();
        pauseSafely();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            output.flushed();
        }
    }

    /**
     * Ends this side because its time is up. If the kernel alone has bytes to send, they go out with a FIN behind them.
     * Otherwise a reset: nothing is on its way, or bytes that wait here are lost, and a stream that was cut must not
     * look whole.
     */
    void timeOut() {
        if (output.waitsInKernelOnly()) {
            output.end();
            discardInput();
        } else {
            reset();
        }
    }

    /** Resets this side now. */
    void reset() {
        output.ended();
        if (channel.isOpen()) {
            // Before the close: afterwards the option cannot be set.
            ProxiedConnection.loseUnsent(channel);
            close();
        }
    }

    void close() {
        inputEnded = true;
        output.ended();
        channel.unsafe().close(channel.voidPromise());
    }

    /** A FIN was read; or the end behind a failure. */
    void inputEnds() {
        readRequested = false;
        if (!inputEnded || failed) {
            inputEnded = true;
            connection.inputEnded(this, failed);
        }
    }

    /** A read failed: the input ends without a FIN. */
    void inputFailed() {
        failed = true;
        inputEnds();
    }

    /** It was reset, with bytes before that are still to be read. */
    void wasReset() {
        failed = true;
        outputFailed();
    }

    /**
     * A write failed; without epoll, or a read. Afterwards the kernel reports the end of input as if it were a FIN, so
     * the failure is remembered.
     *
     * <p>Netty also calls this with what a method of this handler threw, and that is an error in the relay.
     */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            connection.run(this::failed);
        } else {
            connection.internalError(cause);
        }
    }

    void failed() {
        failed = true;
        if (inputEnded) {
            connection.inputEnded(this, true);
        } else if (peer == null) {
            connection.downstreamGoneWhileConnecting();
        } else {
            outputFailed();
        }
    }

    /**
     * Nothing can be written any more, so the peer's bytes are not needed. What this side sent before is still read.
     */
    private void outputFailed() {
        output.ended();
        if (peer.output.isOpen()) {
            connection.halfClosed();
            read();
        } else {
            // Writes failed on both sides: each would wait for the other to take its bytes.
            connection.inputEnded(this, true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        boolean unexpected = !inputEnded;
        inputEnded = true;
        output.ended();
        if (unexpected) {
            connection.inputEnded(this, true);
        }
        connection.endpointClosed();
    }

    /** Unwatches a paused channel that can hang up: epoll would report the hang-up again and again. */
    void pauseSafely() {
        if (!readRequested && output.isEnded()) {
            unwatch();
        }
    }
}
