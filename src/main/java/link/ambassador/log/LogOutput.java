package link.ambassador.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * An output for whole lines, whose writer never waits. They queue here and a thread of its own hands them on, because whoever
 * reads a log may stop: a container runtime whose log driver is stuck lets the program hang in {@code write(2)}, with all that
 * the thread had still to do (https://github.com/moby/moby/issues/22502).
 *
 * <p>What comes while the queue is full is dropped and counted, until the queue is taken; then a line in its place says how
 * many lines are missing. Safe for any thread.
 */
public final class LogOutput extends OutputStream {
    /** Some 2,000 lines. The reader's pipe holds another 64 KiB. */
    static final int MOST_BYTES = 256 * 1024;

    private static final int USUAL_BYTES = 1024;

    private final OutputStream out;
    private final LongFunction<String> missing;
    private ByteArrayOutputStream waiting = new ByteArrayOutputStream(USUAL_BYTES);
    private long waitingLines;
    private boolean isWriting;
    private long dropped;
    private long droppedTotal;

    private LogOutput(OutputStream out, LongFunction<String> missing) {
        this.out = out;
        this.missing = missing;
    }

    /**
     * Starts the thread, which does not keep the process alive.
     *
     * @param out may block, and is written to by that thread alone
     * @param missing the line, with its end, that says how many are not there
     */
    public static LogOutput to(OutputStream out, LongFunction<String> missing) {
        LogOutput output = new LogOutput(out, missing);
        Thread thread = new Thread(output::handOn, "log");
        thread.setDaemon(true);
        thread.start();
        return output;
    }

    /** Takes one or more whole lines, or drops all of them. */
    @Override
    public synchronized void write(byte[] lines, int offset, int length) {
        long count = lines(lines, offset, length);
        // After the first one that is dropped no shorter one slips in: what is missing is missing in one place.
        if (dropped > 0 || waiting.size() + length > MOST_BYTES) {
            dropped += count;
            droppedTotal += count;
        } else {
            waiting.write(lines, offset, length);
            waitingLines += count;
        }
        notifyAll();
    }

    @Override
    public void write(int octet) {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    /** How many lines were not written, for want of a reader that keeps up or of any. */
    public synchronized long droppedTotal() {
        return droppedTotal;
    }

    /** Waits until everything is written, and no longer than {@code atMost}: the end of a process has a time of its own. */
    public synchronized void awaitWritten(Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        try {
            while (isWriting || waiting.size() > 0 || dropped > 0) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record Batch(ByteArrayOutputStream lines, long count, long droppedBehind) {}

    private void handOn() {
        while (true) {
            Batch batch;
            try {
                batch = next();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread to end it: it is the process's own.
                continue;
            }
            try {
                batch.lines.writeTo(out);
                if (batch.droppedBehind > 0) {
                    out.write(missing.apply(batch.droppedBehind).getBytes(StandardCharsets.UTF_8));
                }
                out.flush();
            } catch (IOException closed) {
                lost(batch.count);
            }
        }
    }

    private synchronized Batch next() throws InterruptedException {
        isWriting = false;
        notifyAll();
        while (waiting.size() == 0 && dropped == 0) {
            wait();
        }
        isWriting = true;
        Batch batch = new Batch(waiting, waitingLines, dropped);
        waiting = new ByteArrayOutputStream(USUAL_BYTES);
        waitingLines = 0;
        dropped = 0;
        return batch;
    }

    private synchronized void lost(long lines) {
        droppedTotal += lines;
    }

    private static long lines(byte[] text, int offset, int length) {
        long count = 0;
        for (int i = offset; i < offset + length; i++) {
            if (text[i] == '\n') {
                count++;
            }
        }
        return Math.max(1, count);
    }
}
