package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.util.ReferenceCounted;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * The output of an {@link Endpoint}: what the peer received, on its way to this side.
 *
 * <p>The water marks of its channel are 1 byte: the channel is writable only when the kernel has everything.
 *
 * <pre>
 *   OPEN ─┬─ peer's FIN ───► ENDING ──── all in the kernel ────► ENDED   (FIN sent)
 *         ├─ peer failed ──► ABORTING ── {@link ResetAfterFlush} ──► ENDED   (RST sent, channel closed)
 *         └─ write failed, reset or closed ────────────────────► ENDED
 * </pre>
 */
final class Output {
    private enum State {
        OPEN,
        ENDING,
        ABORTING,
        ENDED
    }

    private final Endpoint endpoint;
    private final Channel channel;
    private State state = State.OPEN;
    private int heldBytes;
    private long acknowledgedBytes;

    Output(Endpoint endpoint, Channel channel) {
        this.endpoint = endpoint;
        this.channel = channel;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    boolean isEnded() {
        return state == State.ENDED;
    }

    /** Whether it takes bytes: it is open, and the kernel has all that came before. */
    boolean takes() {
        return state == State.OPEN && channel.isOpen() && channel.isWritable();
    }

    /** Whether nothing waits here or in the kernel to be sent; true where the kernel cannot be asked. */
    boolean isFlushed() {
        if (!channel.isWritable()) {
            return false;
        }
        TcpInfo info = TcpInfo.of(channel);
        return !info.known() || info.empty();
    }

    /** Whether bytes wait to be sent or acknowledged, all of them in the kernel. */
    boolean waitsInKernelOnly() {
        if (!channel.isOpen() || !channel.isWritable()) {
            return false;
        }
        TcpInfo info = TcpInfo.of(channel);
        return !info.known() || !info.empty();
    }

    /**
     * How long ago the remote side acknowledged bytes. Forever if it acknowledged none since the last call, and where
     * the kernel cannot be asked.
     */
    Duration sinceAcknowledged() {
        TcpInfo info = TcpInfo.of(channel);
        if (info.acknowledgedBytes() == acknowledgedBytes) {
            return ChronoUnit.FOREVER.getDuration();
        }
        acknowledgedBytes = info.acknowledgedBytes();
        return info.sinceAcknowledged();
    }

    /**
     * Writes what the peer received, now or when the kernel takes it. Drops it if the output is not open.
     *
     * @param bytes how much memory the chunk keeps while it waits
     */
    void write(ReferenceCounted chunk, int bytes) {
        if (state != State.OPEN || !channel.isOpen()) {
            chunk.release();
            endpoint.dropped();
            return;
        }
        endpoint.send(chunk);
        if (!channel.isWritable()) {
            heldBytes += bytes;
            endpoint.connection.budget().hold(bytes);
        }
    }

    /** The kernel has taken everything. */
    void flushed() {
        releaseHeld();
        if (state == State.ENDING) {
            shutDown();
        } else if (endpoint.peer() != null) {
            endpoint.peer().read();
        }
    }

    /** The peer's stream ended: ends this one, behind the bytes that wait. */
    void end() {
        if (state != State.OPEN) {
            return;
        }
        state = State.ENDING;
        if (channel.isWritable()) {
            shutDown();
        }
    }

    private void shutDown() {
        state = State.ENDED;
        endpoint.sendEnd(endpoint.connection.isDone());
        endpoint.connection.sideEnded();
        endpoint.pauseSafely();
    }

    /** The peer failed: resets this side, behind the bytes that wait. */
    void abort() {
        if (state == State.ABORTING || !channel.isOpen()) {
            return;
        }
        if (state == State.ENDED) {
            endpoint.reset();
            return;
        }
        state = State.ABORTING;
        ResetAfterFlush.start(endpoint);
    }

    /** Nothing is sent any more. */
    void ended() {
        state = State.ENDED;
        releaseHeld();
    }

    private void releaseHeld() {
        if (heldBytes > 0) {
            int released = heldBytes;
            heldBytes = 0;
            endpoint.connection.budget().release(released);
        }
    }
}
