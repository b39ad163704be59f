package link.ambassador.relay.join;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The pipes of a relay; on the event loop. A direction has one while bytes of it are in the pipe: those that flow share a
 * few, and each that is stuck keeps one. There are at most {@link #MOST}, since the kernel counts their pages for the user
 * on the whole node ({@code fs.pipe-user-pages-soft}, enough for 1,024 pipes); over that, bytes are copied.
 */
public final class PipePool {
    public static final int MOST = 64;

    /** Kept open for the next: a pipe's system calls cost more than what goes through it at once. */
    private static final int MOST_IDLE = 4;

    private final SpliceMode mode;
    private final int most;
    private final Deque<Pipe> idle = new ArrayDeque<>();
    private int open;
    private long exhaustedTotal;
    private long splicedBytes;

    public PipePool(SpliceMode mode) {
        this(mode, MOST);
    }

    /** @param most at most {@link #MOST} */
    public PipePool(SpliceMode mode, int most) {
        this.mode = mode;
        this.most = most;
    }

    public SpliceMode mode() {
        return mode;
    }

    public int open() {
        return open;
    }

    /** How often there was no pipe to be had, and bytes were copied therefore. */
    public long exhaustedTotal() {
        return exhaustedTotal;
    }

    public long splicedBytes() {
        return splicedBytes;
    }

    /** An empty one; null when there is none to be had (for each chunk of a stream an Optional would be garbage). */
    Pipe take() {
        Pipe pipe = idle.poll();
        if (pipe != null) {
            return pipe;
        }
        if (open < most) {
            try {
                Pipe opened = Pipe.open(this);
                open++;
                return opened;
            } catch (IOException noFileDescriptors) {
                // As if there were no more.
            }
        }
        exhaustedTotal++;
        return null;
    }

    /** It is empty again. */
    void giveBack(Pipe pipe) {
        if (idle.size() < MOST_IDLE) {
            idle.push(pipe);
        } else {
            discard(pipe);
        }
    }

    /** It may hold bytes that nobody takes. */
    void discard(Pipe pipe) {
        open--;
        pipe.close();
    }

    void spliced(int bytes) {
        splicedBytes += bytes;
    }
}
