package link.ambassador.operator;

import io.vertx.core.json.JsonObject;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.informer.Informers;
import link.ambassador.log.LogOutput;

/**
 * The operator's log behind Quarkus, which writes to {@link System#out}. No thread waits for the reader of the log. Quarkus' own
 * asynchronous handler would drop lines silently, the last lines of the process among them.
 */
final class OperatorLog {
    /** How long the process waits at its end until the last lines are read. */
    private static final Duration LAST_LINES = Duration.ofSeconds(1);

    /** Enough for one record with its stack trace, so that it is passed on in one piece. */
    private static final int RECORD_BYTES = 64 * 1024;

    /** Held, because the log manager forgets the level of a logger that is not. */
    private static final List<Logger> OF_WATCHES =
            List.of(Logger.getLogger("io.fabric8.kubernetes.client"), Logger.getLogger(Informers.class.getName()));

    private static volatile LogOutput ofProcess;

    private OperatorLog() {}

    /** To be called before Quarkus boots, whose handler keeps the {@link System#out} that it finds. */
    static void ofProcess(OperatorSettings.LogFormat format) {
        LogOutput log = LogOutput.to(new FileOutputStream(FileDescriptor.out), missing -> line(format, missing) + "\n");
        ofProcess = log;
        System.setOut(new PrintStream(new BufferedOutputStream(log, RECORD_BYTES), false, StandardCharsets.UTF_8));
    }

    private static String line(OperatorSettings.LogFormat format, long missing) {
        String now = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
        String message = missing + " log lines are missing here: the log was not read in time";
        return switch (format) {
            case TEXT -> now + " WARN " + message;
            case JSON ->
                new JsonObject()
                        .put("timestamp", now)
                        .put("level", "WARN")
                        .put("message", message)
                        .encode();
        };
    }

    /** How many lines were dropped because the reader of the log did not keep up or is gone. */
    static double droppedTotal() {
        LogOutput log = ofProcess;
        return log == null ? 0 : log.droppedTotal();
    }

    /**
     * For an end that comes before the Operator SDK has started: nobody can stop the watches that it is opening. Quarkus closes the client
     * under them, and each would warn of that with a stack trace.
     */
    static void ignoreWatches() {
        OF_WATCHES.forEach(watches -> watches.setLevel(Level.OFF));
    }

    /** Waits for a bounded time until everything is written. */
    static void awaitWritten() {
        LogOutput log = ofProcess;
        if (log != null) {
            System.out.flush();
            log.awaitWritten(LAST_LINES);
        }
    }
}
