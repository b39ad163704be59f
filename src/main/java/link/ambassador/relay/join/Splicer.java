package link.ambassador.relay.join;

import io.netty.channel.unix.UnixChannel;
import java.io.IOException;

/** Moves what one endpoint receives to its peer through a pipe, when that is worth it; on the event loop. */
final class Splicer {
    /** The most that one splice moves, and that a stuck direction holds in its pipe. Larger ones were slower. */
    static final int MAX_BYTES = 64 * 1024;

    /**
     * Splices in a row before other connections have their turn. To return to epoll for each costs as much as the
     * splice.
     */
    private static final int MAX_IN_A_ROW = 16;

    private final EpollEndpoint endpoint;
    private final PipePool pipes;
    private final boolean possible;
    private final BulkDetector bulk = new BulkDetector();

    Splicer(EpollEndpoint endpoint, PipePool pipes) {
        this.endpoint = endpoint;
        this.pipes = pipes;
        this.possible = pipes.mode() != SpliceMode.NEVER;
    }

    /** One read copied this many bytes. */
    void copied(int bytes) {
        bulk.read(bytes);
    }

    /**
     * Moves what was received through pipes, if this direction uses them now. Stops when little comes, when the peer
     * takes no more, or when other connections have their turn.
     *
     * @return false if nothing was moved: a read into the buffer then moves the bytes, or finds the end or the error
     * @throws IOException the error of the socket
     */
    boolean splice() throws IOException {
        if (!possible
                || !(endpoint.peer() instanceof EpollEndpoint)
                || (!bulk.isBulk() && pipes.mode() != SpliceMode.ALWAYS)
                || !endpoint.mayPassOn()) {
            return false;
        }
        int bytes = BulkDetector.LARGE_BYTES;
        boolean moved = false;
        for (int i = 0; i < MAX_IN_A_ROW && bytes >= BulkDetector.LARGE_BYTES && endpoint.mayPassOn(); i++) {
            Pipe pipe = pipes.acquire();
            bytes = pipe == null ? 0 : splice(pipe);
            moved |= bytes > 0;
        }
        if (moved) {
            endpoint.readDone();
        }
        return moved;
    }

    private int splice(Pipe pipe) throws IOException {
        int bytes = 0;
        try {
            bytes = pipe.fillFrom((UnixChannel) endpoint.channel(), MAX_BYTES);
        } finally {
            if (bytes == 0) {
                pipes.release(pipe);
            }
        }
        if (bytes > 0) {
            bulk.read(bytes);
            pipes.spliced(bytes);
            endpoint.passOn(pipe, bytes);
        }
        return bytes;
    }
}
