package link.ambassador.relay.join;

import io.netty.channel.unix.UnixChannel;
import java.io.IOException;

/** Moves what one endpoint receives to its peer through a pipe, when that is worth it; on the event loop. */
final class Splicer {
    /** At once; also what a stuck direction holds in its pipe. Larger ones were slower. */
    static final int MOST_BYTES = 64 * 1024;

    /** In a row before others have their turn; asking epoll for each costs as much as the splice. */
    private static final int MOST_IN_A_ROW = 16;

    private final EpollEndpoint endpoint;
    private final PipePool pipes;
    private final boolean possible;
    private final BulkDetector bulk = new BulkDetector();

    Splicer(EpollEndpoint endpoint, PipePool pipes) {
        this.endpoint = endpoint;
        this.pipes = pipes;
        this.possible = pipes.mode() != SpliceMode.NEVER;
    }

    /** So many bytes were copied at once. */
    void copied(int bytes) {
        bulk.read(bytes);
    }

    /**
     * Moves what is there, if it goes through a pipe now: until little comes, or the peer takes no more, or it is enough.
     *
     * @return false when nothing was moved, and a read into a buffer is to tell why or to move it
     * @throws IOException the endpoint's error
     */
    boolean splice() throws IOException {
        if (!possible || (!bulk.isBulk() && pipes.mode() != SpliceMode.ALWAYS) || !endpoint.mayPassOn()) {
            return false;
        }
        int bytes = BulkDetector.LARGE_BYTES;
        boolean moved = false;
        for (int i = 0; i < MOST_IN_A_ROW && bytes >= BulkDetector.LARGE_BYTES && endpoint.mayPassOn(); i++) {
            Pipe pipe = pipes.take();
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
            bytes = pipe.fillFrom((UnixChannel) endpoint.channel(), MOST_BYTES);
        } finally {
            if (bytes == 0) {
                pipes.giveBack(pipe);
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
