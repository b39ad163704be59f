package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollInterest;
import io.netty.channel.epoll.EpollSend;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.io.IOException;

/**
 * One side of a {@link Join}: its channel's input and output.
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
 *             └───── peer failed ─► ABORTING ─ {@link Abort} ─────► ENDED   (RST sent, channel closed)
 * </pre>
 */
final class Leg extends ChannelInboundHandlerAdapter {
    private enum Output {
        OPEN,
        ENDING,
        ABORTING,
        ENDED
    }

    private final Join join;
    private final Channel channel;
    private final boolean upstream;
    private final Splicer splicer;
    private Leg peer;
    private Output output = Output.OPEN;
    private boolean inputEnded;
    private boolean failed;
    private boolean readRequested;
    private boolean delivered;
    private boolean waitingForRoom;
    private boolean unwatched;
    private boolean discarding;
    private int heldBytes;

    Leg(Join join, Channel channel, boolean upstream) {
        this.join = join;
        this.channel = channel;
        this.upstream = upstream;
        this.splicer = new Splicer(this, join.pipes());
    }

    /** Hears from now on what happens on the channel. */
    void attach() {
        channel.config()
                .setRecvByteBufAllocator(
                        new BudgetedReads(channel.config().getRecvByteBufAllocator(), join.budget(), splicer));
        channel.pipeline().addLast(this);
    }

    void join(Leg other) {
        peer = other;
    }

    /** Reads what came before a reset that was seen already, if one was. */
    void readBehindEarlyReset() {
        if (EarlyReset.isSeenOn(channel)) {
            failed = true;
            brokenOff();
        }
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
        SendQueue queue = SendQueue.of(channel);
        return !queue.known() || queue.empty();
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
        watch();
        // Not through the pipeline: nobody stands between this handler and the channel, and it is done for each
        // message.
        channel.unsafe().beginRead();
    }

    /** Reads on although nobody takes the bytes: closing over unread ones would reset what this side has yet to read. */
    void discardInput() {
        discarding = true;
        read();
    }

    void roomAgain() {
        waitingForRoom = false;
        read();
    }

    /** Whether what is received now may go to the peer as it is. */
    boolean mayPassOn() {
        return readRequested
                && !discarding
                && peer.output == Output.OPEN
                && peer.channel.isWritable()
                && !peer.isClosed()
                && !isClosed()
                && join.budget().hasRoom();
    }

    /** Received in a pipe, in place of a buffer. */
    void passOn(Pipe pipe, int bytes) {
        join.moved(upstream, bytes);
        UnixChannel sink = (UnixChannel) peer.channel;
        int left = bytes - pipe.give(sink, bytes);
        if (left == 0) {
            join.pipes().giveBack(pipe);
        } else {
            peer.write(pipe.message(left, sink), left);
        }
    }

    /** The read that was asked for is done. */
    void passedOn() {
        readRequested = false;
        EpollInterest.readDone(channel);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        boolean requested = readRequested;
        readRequested = false;
        delivered = true;
        if (!requested) {
            // Only an error makes epoll deliver what nobody asked for: what was received before a reset. The rest stays
            // in the kernel until the peer has taken this.
            if (peer == null) {
                ReferenceCountUtil.release(message);
                join.downstreamGoneWhileConnecting();
                return;
            }
            unwatch();
        }
        ByteBuf chunk = (ByteBuf) message;
        join.moved(upstream, chunk.readableBytes());
        splicer.copied(chunk.readableBytes());
        peer.write(chunk, chunk.capacity());
        if (!requested) {
            failed = true;
            brokenOff();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (!delivered) {
            readRequested = false;
        }
        delivered = false;
        read();
        pauseSafely();
    }

    /** @param bytes what it takes to keep it */
    private void write(ReferenceCounted chunk, int bytes) {
        if (output != Output.OPEN || isClosed()) {
            chunk.release();
            return;
        }
        if (chunk instanceof ByteBuf buffer && channel.isWritable() && EpollSend.all(channel, buffer)) {
            buffer.release();
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
        Abort.start(this);
    }

    /** Resets this side now. */
    void reset() {
        output = Output.ENDED;
        if (channel.isOpen()) {
            // Before the close: afterwards the option cannot be set.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            close();
        }
    }

    void close() {
        output = Output.ENDED;
        inputEnded = true;
        releaseHeld();
        channel.unsafe().close(channel.voidPromise());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // Without EPOLLRDHUP the "read complete" event comes only with one more read: this one is the end of input.
        if (event instanceof ChannelInputShutdownEvent && !inputEnded) {
            inputEnded = true;
            join.inputEnded(this, failed);
        }
    }

    /**
     * A read or a write failed. After a failed write the kernel reports the end of input as if it were a FIN; the failure
     * is remembered so that it is not taken for one.
     */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause != BudgetedReads.SPLICED) {
            failed();
        }
    }

    private void failed() {
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

    /** A paused channel that can hang up would be reported again and again: see {@link EpollInterest#unwatch}. */
    private void pauseSafely() {
        if (!readRequested && output == Output.ENDED) {
            unwatch();
        }
    }

    private void unwatch() {
        if (!unwatched) {
            try {
                unwatched = EpollInterest.unwatch(channel);
            } catch (IOException ignored) {
                failed();
            }
        }
    }

    private void watch() {
        if (unwatched) {
            unwatched = false;
            try {
                EpollInterest.watch(channel);
            } catch (IOException ignored) {
                failed();
            }
        }
    }
}
