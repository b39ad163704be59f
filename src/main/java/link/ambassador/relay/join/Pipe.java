package link.ambassador.relay.join;

import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A pipe of the kernel that bytes of one connection pass through (pipe(7), splice(2)). Nothing here blocks.
 *
 * <p>Before its bytes may belong to another connection it must be empty: who cannot empty it closes it.
 */
final class Pipe {
    private final FileDescriptor out;
    private final FileDescriptor in;
    private final PipeRegion message;

    private Pipe(FileDescriptor out, FileDescriptor in, PipePool pipes) {
        this.out = out;
        this.in = in;
        this.message = new PipeRegion(pipes, this);
    }

    /** Fails when file descriptors have run out. */
    static Pipe open(PipePool pipes) throws IOException {
        FileDescriptor[] ends = FileDescriptor.pipe();
        return new Pipe(ends[0], ends[1], pipes);
    }

    /** What it holds, as a message for that channel. */
    PipeRegion message(int bytes, UnixChannel sink) {
        return message.filled(bytes, sink);
    }

    /**
     * Takes what was received, up to so many bytes.
     *
     * @return 0 when there is nothing, and at the end of the stream: reading the socket tells which
     * @throws IOException the error of the socket, which it has no more then
     */
    int fillFrom(UnixChannel source, int atMostBytes) throws IOException {
        return Native.splice(source.fd().intValue(), -1, in.intValue(), -1, atMostBytes);
    }

    /**
     * Gives what it holds to a channel that has nothing else to write, past Netty's outbound buffer.
     *
     * @return how much of it went; the rest is to be written as usual: Netty waits until it can be, or hears of the error
     *     again and deals with it
     */
    int give(UnixChannel sink, int bytes) {
        try {
            return emptyInto(sink, bytes);
        } catch (IOException toldAgain) {
            return 0;
        }
    }

    /** Gives up to so many bytes to the socket; 0 when it takes none now. */
    int emptyInto(UnixChannel sink, long atMostBytes) throws IOException {
        return Native.splice(out.intValue(), -1, sink.fd().intValue(), -1, atMostBytes);
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
