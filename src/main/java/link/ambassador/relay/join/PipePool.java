package link.ambassador.relay.join;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The pipes of a relay. A direction has a pipe while its bytes are in the pipe: directions that flow share a few pipes,
 * and each stuck one keeps a pipe. There are at most {@link #MAX_PIPES}, because the kernel counts the pages of pipes
 * for each user on the whole node ({@code fs.pipe-user-pages-soft}, enough for 1,024 pipes). Without a pipe, bytes are
 * copied. On the event loop.
 */
public final class PipePool {
    public static final int MAX_PIPES = 64;

    /** Kept open for the next: to open a pipe costs more than to move one chunk. */
    private static final int MAX_IDLE = 4;

    /**
     * How much the pipes are used.
     *
     * @param open how many are open
     * @param exhaustedTotal how often bytes were copied because there was no pipe
     * @param splicedBytes how many bytes went through pipes
     */
    public record Usage(int open, long exhaustedTotal, long splicedBytes) {}

    private final SpliceMode mode;
    private final int max;
    private final Deque<Pipe> idle = new ArrayDeque<>();
    private int open;
    private long exhaustedTotal;
    private long splicedBytes;

    public PipePool(SpliceMode mode) {
        this(mode, MAX_PIPES);
    }

    /** @param max at most {@link #MAX_PIPES} */
    public PipePool(SpliceMode mode, int max) {
        this.mode = mode;
        this.max = max;
    }

    public SpliceMode mode() {
        return mode;
    }

    public Usage usage() {
        return new Usage(open, exhaustedTotal, splicedBytes);
    }

    /** An empty pipe; null if there is none. No Optional, which would be garbage for each chunk. */
    Pipe acquire() {
        Pipe pipe = idle.poll();
        if (pipe != null) {
            return pipe;
        }
        if (open < max) {
            try {
                Pipe opened = Pipe.open(this);
                open++;
                return opened;
            } catch (IOException noFileDescriptors) {
                // Counted below, as if the pool were exhausted.
            }
        }
        exhaustedTotal++;
        return null;
    }

    /** The pipe is empty again. */
    void release(Pipe pipe) {
        if (idle.size() < MAX_IDLE) {
            idle.push(pipe);
        } else {
            discard(pipe);
        }
    }

    /** The pipe may hold bytes, which are lost. */
    void discard(Pipe pipe) {
        open--;
        pipe.close();
    }

    void spliced(int bytes) {
        splicedBytes += bytes;
    }
}
