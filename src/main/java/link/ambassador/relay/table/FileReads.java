package link.ambassador.relay.table;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Reads a file without blocking the caller for long. To open a FIFO blocks until another process writes to it, and a
 * file on a network may never respond; Java cannot open a file without blocking, nor interrupt that. So another thread
 * reads. If it does not return in time, it is left behind, and the next read uses a new thread.
 */
final class FileReads {
    static final int MAX_LEFT_BEHIND = 4;

    private final Function<Path, TableSnapshot> read;
    private final Duration timeout;
    private final ThreadPoolExecutor readers;

    /** @param read may block forever */
    FileReads(Function<Path, TableSnapshot> read, Duration timeout) {
        this.read = read;
        this.timeout = timeout;
        this.readers =
                new ThreadPoolExecutor(0, MAX_LEFT_BEHIND, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "link-table-reader");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** The content of the file, or the problem that it does not respond in time. */
    TableSnapshot read(Path file) throws InterruptedException {
        try {
            Future<TableSnapshot> reading = readers.submit(() -> read.apply(file));
            return reading.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | RejectedExecutionException leftBehind) {
            return TableSnapshot.none(file + " cannot be read: it does not answer");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** A thread that was left behind ends with the process. */
    void close() {
        readers.shutdown();
    }
}
