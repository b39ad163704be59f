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
 * The file that a link table comes from: read by a thread of its own whenever its content differs, however that came about.
 *
 * <p>What is no good table is believed only when it has lasted for {@link #PATIENCE}: a writer that truncates first would be
 * caught half-way.
 *
 * <pre>
 *   read ── same content as before ─────────────────────────────► await a change, or 1 s
 *     ├──── a table ──────────────────────────────── tell ──────► await a change, or 1 s
 *     └──── none, or a bad one ── since 100 ms ───── tell ──────► await a change, or 1 s
 *                              └─ not so long ──────────────────► await a change, or 100 ms
 * </pre>
 */
public final class TableFileWatcher implements AutoCloseable {
    /** What a file turned out to be; called on the file's thread, once for each content. */
    interface Listener {
        /** A table. */
        void accepted(ParseResult.Accepted table);

        /**
         * A bad table.
         *
         * @param revision as far as it could be read
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
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final Duration TO_ANSWER = Duration.ofSeconds(2);

    private final Path file;
    private final Map<Integer, String> reserved;
    private final Listener listener;
    private final DirectoryWatcher changes;
    private final FileReads reads = new FileReads(TableSnapshot::read, TO_ANSWER);
    private TableSnapshot told;
    private long doubtfulSinceNanos;
    private boolean doubtful;

    private TableFileWatcher(Path file, Map<Integer, String> reserved, Listener listener) {
        this.file = file;
        this.reserved = reserved;
        this.listener = listener;
        this.changes = new DirectoryWatcher(file);
    }

    /**
     * Reads the file now and whenever it changes, until closed.
     *
     * @param reserved as in {@link LinkTableReader#read(byte[], Map)}
     */
    public static TableFileWatcher follow(Path file, Map<Integer, String> reserved, Listener listener) {
        TableFileWatcher followed = new TableFileWatcher(file, reserved, listener);
        Thread thread = new Thread(followed::run, "link-table");
        thread.setDaemon(true);
        thread.start();
        return followed;
    }

    private void run() {
        while (!changes.isClosed()) {
            try {
                changes.watch();
                look();
                changes.await(doubtful ? PATIENCE : BETWEEN_LOOKS);
            } catch (InterruptedException e) {
                close();
            } catch (RuntimeException e) {
                if (changes.isClosed()) {
                    return;
                }
                LOG.log(Level.SEVERE, "following " + file + " failed, retrying", e);
            }
        }
    }

    private void look() throws InterruptedException {
        TableSnapshot content = reads.read(file);
        if (told != null && content.isSameAs(told)) {
            doubtful = false;
            return;
        }
        ParseResult reading = content.reading(reserved);
        if (!(reading instanceof ParseResult.Accepted) && isYoung()) {
            return;
        }
        doubtful = false;
        told = content;
        if (reading instanceof ParseResult.Accepted accepted) {
            listener.accepted(accepted);
        } else if (reading instanceof ParseResult.Rejected rejected) {
            listener.rejected(rejected, content.revision());
        } else {
            listener.noTable(content.problem());
        }
    }

    /** Whether the file has not been without a good table for long. */
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
        changes.close();
        reads.close();
    }
}
