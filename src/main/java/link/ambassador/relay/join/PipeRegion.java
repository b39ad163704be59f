package link.ambassador.relay.join;

import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.AbstractReferenceCounted;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * Bytes that wait in a pipe for one channel. As a message they keep their place between other messages, and Netty
 * transfers more of them when the channel takes more. Once Netty releases the message, an empty pipe goes back to its
 * pool.
 *
 * <p>A pipe has one such message, and uses it again each time it is filled.
 */
final class PipeRegion extends AbstractReferenceCounted implements FileRegion {
    /**
     * Netty counts a file region as 0 bytes. Here a channel is writable only when nothing waits, so a region counts in
     * full.
     */
    static final MessageSizeEstimator SIZES = PipeRegion::sizes;

    private final PipePool pipes;
    private final Pipe pipe;
    private UnixChannel sink;
    private int bytes;
    private int transferred;

    /** The pipe is empty, and the message not in use. */
    PipeRegion(PipePool pipes, Pipe pipe) {
        this.pipes = pipes;
        this.pipe = pipe;
        setRefCnt(0);
    }

    /** The pipe was filled with bytes for this channel. The caller owns the message. */
    PipeRegion filled(int newBytes, UnixChannel newSink) {
        bytes = newBytes;
        sink = newSink;
        transferred = 0;
        setRefCnt(1);
        return this;
    }

    private static MessageSizeEstimator.Handle sizes() {
        MessageSizeEstimator.Handle others = DefaultMessageSizeEstimator.DEFAULT.newHandle();
        return message -> message instanceof PipeRegion region ? region.bytes : others.size(message);
    }

    @Override
    public long transferTo(WritableByteChannel target, long position) throws IOException {
        int moved = pipe.emptyInto(sink, bytes - position);
        transferred += moved;
        return moved;
    }

    @Override
    protected void deallocate() {
        sink = null;
        if (transferred == bytes) {
            pipes.release(pipe);
        } else {
            pipes.discard(pipe);
        }
    }

    @Override
    public long position() {
        return 0;
    }

    @Override
    @Deprecated
    public long transfered() {
        return transferred;
    }

    @Override
    public long transferred() {
        return transferred;
    }

    @Override
    public long count() {
        return bytes;
    }

    @Override
    public FileRegion retain() {
        super.retain();
        return this;
    }

    @Override
    public FileRegion retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public FileRegion touch() {
        return this;
    }

    @Override
    public FileRegion touch(Object hint) {
        return this;
    }
}
