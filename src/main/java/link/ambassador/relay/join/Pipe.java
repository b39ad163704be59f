package link.ambassador.relay.join;

import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A pipe of the kernel, which bytes of one connection pass through (pipe(7), splice(2)). Nothing here blocks.
 *
 * <p>A pipe must be empty before another connection uses it. A pipe that cannot be emptied is closed.
 */
final class Pipe {
    private final FileDescriptor out;
    private final FileDescriptor in;
    private final PipeRegion region;

    private Pipe(FileDescriptor out, FileDescriptor in, PipePool pipes) {
        this.out = out;
        this.in = in;
        this.region = new PipeRegion(pipes, this);
    }

    /** Fails if there are no file descriptors. */
    static Pipe open(PipePool pipes) throws IOException {
        FileDescriptor[] ends = FileDescriptor.pipe();
        return new Pipe(ends[0], ends[1], pipes);
    }

    /** The bytes in the pipe, as a message that Netty can write to this channel. */
    PipeRegion region(int bytes, UnixChannel sink) {
        return region.filled(bytes, sink);
    }

    /**
     * Fills the pipe with received bytes.
     *
     * @return 0 if there are none, and at the end of the stream: a read of the socket shows which
     * @throws IOException the error of the socket, which the kernel reports only once
     */
    int fillFrom(UnixChannel source, int maxBytes) throws IOException {
        return Native.splice(source.fd().intValue(), -1, in.intValue(), -1, maxBytes);
    }

    /**
     * Sends the bytes without Netty's outbound buffer. The channel must have nothing else to write.
     *
     * @return how many bytes went. The caller writes the rest through Netty, which waits until it can, or meets the
     *     error again and handles it
     */
    int send(UnixChannel sink, int bytes) {
        try {
            return emptyInto(sink, bytes);
        } catch (IOException seenAgain) {
            return 0;
        }
    }

    /** Moves bytes to the socket; returns 0 if it takes none now. */
    int emptyInto(UnixChannel sink, long maxBytes) throws IOException {
        return Native.splice(out.intValue(), -1, sink.fd().intValue(), -1, maxBytes);
    }

    void close() {
        try {
            in.close();
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
