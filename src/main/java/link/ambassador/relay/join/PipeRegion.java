package link.ambassador.relay.join;

import io.netty.channel.DefaultMessageSizeEstimator;
import io.netty.channel.FileRegion;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.AbstractReferenceCounted;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * Bytes that wait in a pipe for one channel. As a message they keep their place between others, and Netty asks for them again
 * when the channel takes more. The pipe goes back when the message is done with, if all of it went.
 *
 * <p>A pipe has one such message, which is used anew for each filling of it.
 */
final class PipeRegion extends AbstractReferenceCounted implements FileRegion {
    /** Netty counts a file region as nothing; here a channel is writable when nothing waits, so these count in full. */
    static final MessageSizeEstimator SIZES = PipeRegion::sizes;

    private final PipePool pipes;
    private final Pipe pipe;
    private UnixChannel sink;
    private int bytes;
    private int transferred;

    /** Of an empty pipe: nobody has it yet. */
    PipeRegion(PipePool pipes, Pipe pipe) {
        this.pipes = pipes;
        this.pipe = pipe;
        setRefCnt(0);
    }

    /** The pipe, which was empty, was filled with so many bytes for that channel; who calls this has the message. */
    PipeRegion filled(int with, UnixChannel forSink) {
        bytes = with;
        sink = forSink;
        transferred = 0;
        setRefCnt(1);
        return this;
    }

    private static MessageSizeEstimator.Handle sizes() {
        MessageSizeEstimator.Handle others = DefaultMessageSizeEstimator.DEFAULT.newHandle();
        return message -> message instanceof PipeRegion piped ? piped.bytes : others.size(message);
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
            pipes.giveBack(pipe);
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
