package link.ambassador.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * An output for whole lines, whose writer never waits. Lines wait in a queue, and a thread writes them, because the
 * reader of a log may stop: with a stuck log driver of the container runtime, a program hangs in {@code write(2)}
 * (https://github.com/moby/moby/issues/22502).
 *
 * <p>While the queue is full, lines are dropped and counted. Then one line in their place says how many are missing.
 * Safe for any thread.
 */
public final class LogOutput extends OutputStream {
    /** Some 2,000 lines. The reader's pipe holds another 64 KiB. */
    static final int MAX_BYTES = 256 * 1024;

    private static final int INITIAL_BYTES = 1024;

    private final OutputStream out;
    private final LongFunction<String> missing;
    private ByteArrayOutputStream waiting = new ByteArrayOutputStream(INITIAL_BYTES);
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
     * @param missing makes the line, with its end, that says how many lines are missing
     */
    public static LogOutput to(OutputStream out, LongFunction<String> missing) {
        LogOutput output = new LogOutput(out, missing);
        Thread thread = new Thread(output::writeAll, "log");
        thread.setDaemon(true);
        thread.start();
        return output;
    }

    /** Takes one or more whole lines, or drops all of them. */
    @Override
    public synchronized void write(byte[] lines, int offset, int length) {
        long count = lines(lines, offset, length);
        // Once a line was dropped, no shorter one gets in: all that is missing is in one place.
        if (dropped > 0 || waiting.size() + length > MAX_BYTES) {
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

    /** How many lines were not written, because the reader did not keep up or is gone. */
    public synchronized long droppedTotal() {
        return droppedTotal;
    }

    /** Waits until everything is written, or the time is up. */
    public synchronized void awaitWritten(Duration maxTime) {
        long end = System.nanoTime() + maxTime.toNanos();
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

    private void writeAll() {
        while (true) {
            Batch batch;
            try {
                batch = next();
            } catch (InterruptedException e) {
                // This thread ends with the process only.
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
        waiting = new ByteArrayOutputStream(INITIAL_BYTES);
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
