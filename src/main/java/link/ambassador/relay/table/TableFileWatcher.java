package link.ambassador.relay.table;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;

/**
 * Watches the file of the link table. A thread reads it, and calls the listener when the content differs, whatever
 * changed it.
 *
 * <p>A missing or bad table counts only after {@link #PATIENCE}: a writer that truncates the file first may not have
 * finished.
 *
 * <pre>
 *   read ─┬─ same content as before ───────────────────────────► wait for a change, or 1 s
 *         ├─ a table ──────────────────────── call listener ───► wait for a change, or 1 s
 *         └─ none, or a bad one ─┬─ for 100 ms ─ call listener ─► wait for a change, or 1 s
 *                                └─ not so long ───────────────► wait for a change, or 100 ms
 * </pre>
 */
public final class TableFileWatcher implements AutoCloseable {
    /** Called on the file's thread, once for each content. */
    interface Listener {
        /** A table. */
        void accepted(ParseResult.Accepted table);

        /**
         * A bad table.
         *
         * @param revision empty if it could not be read
         */
        void rejected(ParseResult.Rejected rejected, Optional<String> revision);

        /**
         * No table.
         *
         * @param why a sentence
         */
        void noTable(String why);
    }

    private static final Logger LOG = Logger.getLogger(TableFileWatcher.class.getName());
    static final Duration PATIENCE = Duration.ofMillis(100);
    private static final Duration BETWEEN_READS = Duration.ofSeconds(1);
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(2);

    private final Path file;
    private final Map<Integer, String> reserved;
    private final Listener listener;
    private final DirectoryWatcher directory;
    private final FileReads reads = new FileReads(TableSnapshot::read, READ_TIMEOUT);
    private TableSnapshot reported;
    private long doubtfulSinceNanos;
    private boolean doubtful;

    private TableFileWatcher(Path file, Map<Integer, String> reserved, Listener listener) {
        this.file = file;
        this.reserved = reserved;
        this.listener = listener;
        this.directory = new DirectoryWatcher(file);
    }

    /**
     * Reads the file now and whenever it changes, until closed.
     *
     * @param reserved as in {@link LinkTableReader#read(byte[], Map)}
     */
    public static TableFileWatcher follow(Path file, Map<Integer, String> reserved, Listener listener) {
        TableFileWatcher watcher = new TableFileWatcher(file, reserved, listener);
        Thread thread = new Thread(watcher::run, "link-table");
        thread.setDaemon(true);
        thread.start();
        return watcher;
    }

    private void run() {
        while (!directory.isClosed()) {
            try {
                directory.watch();
                readFile();
                directory.await(doubtful ? PATIENCE : BETWEEN_READS);
            } catch (InterruptedException e) {
                close();
            } catch (RuntimeException e) {
                if (!directory.isClosed()) {
                    LOG.log(Level.SEVERE, "cannot watch " + file + ", retrying", e);
                }
            }
        }
        directory.release();
    }

    private void readFile() throws InterruptedException {
        TableSnapshot snapshot = reads.read(file);
        if (reported != null && snapshot.isSameAs(reported)) {
            doubtful = false;
            return;
        }
        ParseResult result = snapshot.parse(reserved);
        if (!(result instanceof ParseResult.Accepted) && isYoung()) {
            return;
        }
        doubtful = false;
        reported = snapshot;
        if (result instanceof ParseResult.Accepted accepted) {
            listener.accepted(accepted);
        } else if (result instanceof ParseResult.Rejected rejected) {
            listener.rejected(rejected, snapshot.revision());
        } else {
            listener.noTable(snapshot.problem());
        }
    }

    /** Whether the file has been without a good table for less than {@link #PATIENCE}. */
    private boolean isYoung() {
        long now = System.nanoTime();
        if (!doubtful) {
            doubtful = true;
            doubtfulSinceNanos = now;
        }
        return now - doubtfulSinceNanos < PATIENCE.toNanos();
    }

    @Override
    public void close() {
        directory.close();
        reads.close();
    }
}
