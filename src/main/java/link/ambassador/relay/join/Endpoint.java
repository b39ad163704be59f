package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.RelaySocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCounted;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * One side of a {@link ProxiedConnection}: its channel's input and output.
 *
 * <p>Back-pressure is "one chunk in flight": the next read is asked for only when the chunk before it is in the kernel of
 * the peer. So a stuck peer holds at most one chunk here (two if its own sender is reset meanwhile), however small the
 * messages are. The channel's water marks are 1 byte: writable means that everything was handed to the kernel.
 *
 * <pre>
 *   input:   OPEN ── FIN read ──────────────► ENDED
 *             └───── reset, or write failed ─► ENDED, failed
 *
 *   output:  OPEN ── peer's FIN ──► ENDING ── all in the kernel ──► ENDED   (FIN sent)
 *             └───── peer failed ─► ABORTING ─ {@link ResetAfterFlush} ─────► ENDED   (RST sent, channel closed)
 * </pre>
 */
abstract sealed class Endpoint extends ChannelInboundHandlerAdapter permits EpollEndpoint, NioEndpoint {
    private enum Output {
        OPEN,
        ENDING,
        ABORTING,
        ENDED
    }

    /** The name that {@code NetServer} and {@code NetClient} give it in the pipeline. */
    static final String VERTX_HANDLER = "handler";

    final ProxiedConnection join;
    private final Channel channel;
    private final boolean upstream;
    private Endpoint peer;
    private Output output = Output.OPEN;
    private boolean inputEnded;
    private boolean failed;
    private boolean readRequested;
    private boolean waitingForRoom;
    private boolean discarding;
    private int heldBytes;
    private long acknowledgedBytes;

    Endpoint(ProxiedConnection join, Channel channel, boolean upstream) {
        this.join = join;
        this.channel = channel;
        this.upstream = upstream;
    }

    static Endpoint of(ProxiedConnection join, Channel channel, boolean upstream) {
        return channel instanceof RelaySocketChannel epoll
                ? new EpollEndpoint(join, epoll, upstream)
                : new NioEndpoint(join, channel, upstream);
    }

    /** Takes the place of Vert.x' handler: hears from now on what happens on the channel, and is all that does. */
    void attach() {
        channel.pipeline().replace(VERTX_HANDLER, "leg", this);
    }

    /** Asks the channel for one read, which ends in {@link #readDone} or {@link #inputEnds}. */
    abstract void requestRead();

    /** Nobody is to hear of the channel until the next read is requested, if it can be done. */
    abstract void unwatch();

    void join(Endpoint other) {
        peer = other;
    }

    /** Reads what came before a reset that was seen already, if one was. */
    void readBehindEarlyReset() {
        if (EarlyReset.isSeenOn(channel)) {
            wasReset();
        }
    }

    Endpoint peer() {
        return peer;
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

    boolean outputEnded() {
        return output == Output.ENDED;
    }

    boolean isClosed() {
        return !channel.isOpen();
    }

    Channel channel() {
        return channel;
    }

    /** Whether nothing waits here or in the kernel to be sent; true where the kernel cannot be asked. */
    boolean isFlushed() {
        if (!channel.isWritable()) {
            return false;
        }
        TcpInfo queue = TcpInfo.of(channel);
        return !queue.known() || queue.empty();
    }

    /**
     * How long ago its peer acknowledged bytes; forever when it acknowledged none since this was asked last, and where the kernel
     * cannot be asked.
     */
    Duration sinceAcknowledged() {
        TcpInfo queue = TcpInfo.of(channel);
        if (queue.acknowledgedBytes() == acknowledgedBytes) {
            return ChronoUnit.FOREVER.getDuration();
        }
        acknowledgedBytes = queue.acknowledgedBytes();
        return queue.sinceAcknowledged();
    }

    /** Asks for one chunk, when the peer can take it and the budget has room. */
    void read() {
        if (readRequested || waitingForRoom || inputEnded || isClosed() || peer == null) {
            return;
        }
        if (!discarding && (peer.output != Output.OPEN || !peer.channel.isWritable())) {
            return;
        }
        if (!join.budget().hasRoom()) {
            waitingForRoom = true;
            join.budget().await(this);
            return;
        }
        readRequested = true;
        requestRead();
    }

    /** Reads on although nobody takes the bytes: closing over unread ones would reset what this side has yet to read. */
    void discardInput() {
        discarding = true;
        read();
    }

    /** Told by whichever pair gave room: the error of this one is not that one's. */
    void roomAgain() {
        waitingForRoom = false;
        join.run(this::read);
    }

    /** Whether the read that was requested may give its bytes to the peer as they come. */
    boolean mayPassOn() {
        return readRequested
                && !discarding
                && peer.takes()
                && !isClosed()
                && join.budget().hasRoom();
    }

    /** Whether it takes bytes, with all before them in the kernel. */
    boolean takes() {
        return output == Output.OPEN && !isClosed() && channel.isWritable();
    }

    boolean isReadRequested() {
        return readRequested;
    }

    /** The read that was requested is done, whatever came of it. */
    void readDone() {
        readRequested = false;
    }

    /** The next read, after one that is done. */
    void readOn() {
        read();
        pauseSafely();
    }

    /**
     * Writes what the peer received, now or when the kernel takes it; nothing when the output is over.
     *
     * @param bytes what it takes to keep it
     */
    void write(ReferenceCounted chunk, int bytes) {
        if (output != Output.OPEN || isClosed()) {
            chunk.release();
            return;
        }
        channel.unsafe().write(chunk, channel.voidPromise());
        channel.unsafe().flush();
        if (!channel.isWritable()) {
            heldBytes += bytes;
            join.budget().hold(bytes);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            drained();
        }
    }

    private void drained() {
        releaseHeld();
        if (output == Output.ENDING) {
            shutdownOutput();
        } else if (peer != null) {
            peer.read();
        }
    }

    private void releaseHeld() {
        if (heldBytes > 0) {
            int released = heldBytes;
            heldBytes = 0;
            join.budget().release(released);
        }
    }

    /** The peer's stream ended: so does ours, behind the bytes that wait. */
    void endOutput() {
        if (output != Output.OPEN) {
            return;
        }
        output = Output.ENDING;
        if (channel.isWritable()) {
            shutdownOutput();
        }
    }

    private void shutdownOutput() {
        output = Output.ENDED;
        if (!join.isDone()) {
            ((DuplexChannel) channel).shutdownOutput();
        } // Else it is closed next, which sends the FIN as well.
        join.sideEnded();
        pauseSafely();
    }

    /** The peer failed: resets this side, behind the bytes that wait. */
    void abort() {
        if (output == Output.ABORTING || isClosed()) {
            return;
        }
        if (output == Output.ENDED) {
            reset();
            return;
        }
        output = Output.ABORTING;
        ResetAfterFlush.start(this);
    }

    /**
     * Its time is up: bytes that wait in the kernel alone go out behind a FIN; whoever has none coming is reset, and whoever
     * would lose those that wait here, so that a stream that was cut does not look whole.
     */
    void timeOut() {
        TcpInfo queue = TcpInfo.of(channel);
        if (!isClosed() && channel.isWritable() && !(queue.known() && queue.empty())) {
            endOutput();
            discardInput();
        } else {
            reset();
        }
    }

    /** Resets this side now. */
    void reset() {
        output = Output.ENDED;
        if (channel.isOpen()) {
            // Before the close: afterwards the option cannot be set.
            ProxiedConnection.loseUnsent(channel);
            close();
        }
    }

    void close() {
        output = Output.ENDED;
        inputEnded = true;
        releaseHeld();
        channel.unsafe().close(channel.voidPromise());
    }

    /** A FIN was read; or the end behind a failure. */
    void inputEnds() {
        readRequested = false;
        if (!inputEnded || failed) {
            inputEnded = true;
            join.inputEnded(this, failed);
        }
    }

    /** Reading failed: an end, and not by FIN. */
    void inputFailed() {
        failed = true;
        inputEnds();
    }

    /** It was reset, with bytes before that are still to be read. */
    void wasReset() {
        failed = true;
        brokenOff();
    }

    /**
     * A write failed; without epoll, or a read. The kernel reports the end of input then as if it were a FIN: the failure is
     * remembered so that it is not taken for one.
     *
     * <p>Netty also brings here what a method of this handler threw, and that is an error of our own.
     */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) {
            join.run(this::failed);
        } else {
            join.internalError(cause);
        }
    }

    void failed() {
        failed = true;
        if (inputEnded) {
            join.inputEnded(this, true);
        } else if (peer == null) {
            join.downstreamGoneWhileConnecting();
        } else {
            brokenOff();
        }
    }

    /** Nothing can be written any more, so nothing needs the peer's bytes; what this side sent before is still read. */
    private void brokenOff() {
        output = Output.ENDED;
        releaseHeld();
        if (peer.output == Output.OPEN) {
            join.brokenOff();
            read();
        } else {
            // Writing failed on both sides: each would wait for the other to take its bytes.
            join.inputEnded(this, true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        boolean unexpected = !inputEnded;
        inputEnded = true;
        output = Output.ENDED;
        releaseHeld();
        if (unexpected) {
            join.inputEnded(this, true);
        }
        join.legClosed();
    }

    /** A paused channel that can hang up would be reported again and again. */
    private void pauseSafely() {
        if (!readRequested && output == Output.ENDED) {
            unwatch();
        }
    }
}
