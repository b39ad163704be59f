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
 * Reads a file without being held up by it. To open a FIFO blocks until somebody writes to it, a file of the network may never
 * answer, and Java cannot open without blocking, nor interrupt it. So a thread of its own reads. One that does not come back is
 * left behind, and the next read has another.
 */
final class FileReads {
    static final int MOST_LEFT_BEHIND = 4;

    private final Function<Path, TableSnapshot> read;
    private final Duration patience;
    private final ThreadPoolExecutor readers;

    /** @param read may block for ever */
    FileReads(Function<Path, TableSnapshot> read, Duration patience) {
        this.read = read;
        this.patience = patience;
        this.readers =
                new ThreadPoolExecutor(0, MOST_LEFT_BEHIND, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "link-table-reader");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** What the file holds, or that it does not answer. */
    TableSnapshot read(Path file) throws InterruptedException {
        try {
            Future<TableSnapshot> reading = readers.submit(() -> read.apply(file));
            return reading.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | RejectedExecutionException leftBehind) {
            return TableSnapshot.none(file + " cannot be read: it does not answer");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Who is left behind ends with the process. */
    void close() {
        readers.shutdown();
    }
}
