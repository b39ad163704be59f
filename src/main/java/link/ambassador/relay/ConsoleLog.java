package link.ambassador.relay;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import link.ambassador.log.LogOutput;

/**
 * The relay's log: one line for each record, on standard output. Standard error is for the one sentence of a failed
 * start. An error in the relay has its stack trace on the same line. A thread that logs never waits for the reader of
 * the log.
 */
public final class ConsoleLog extends Handler {
    private static final class OneLine extends Formatter {
        @Override
        public String format(LogRecord entry) {
            return Instant.ofEpochMilli(entry.getMillis()).truncatedTo(ChronoUnit.MILLIS)
                    + " " + word(entry.getLevel()) + " " + formatMessage(entry)
                    + thrown(entry) + "\n";
        }

        private static String thrown(LogRecord entry) {
            if (entry.getThrown() == null) {
                return "";
            }
            if (entry.getLevel().intValue() < Level.SEVERE.intValue()) {
                return ": " + entry.getThrown();
            }
            StringWriter trace = new StringWriter();
            entry.getThrown().printStackTrace(new PrintWriter(trace));
            return ": " + trace.toString().strip().replaceAll("\\R\\s*", " ");
        }

        private static String word(Level level) {
            if (level.intValue() >= Level.SEVERE.intValue()) {
                return "ERROR";
            }
            if (level.intValue() >= Level.WARNING.intValue()) {
                return "WARN";
            }
            return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
        }
    }

    /** How long the process waits at its end until the last lines are read. */
    private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(1);

    private static volatile ConsoleLog ofProcess;

    private final LogOutput out;

    private ConsoleLog() {
        Formatter formatter = new OneLine();
        setFormatter(formatter);
        setLevel(Level.ALL);
        // Not System.out: a thread that waits for its lock would wait for the reader.
        this.out = LogOutput.to(
                new FileOutputStream(FileDescriptor.out),
                missing -> formatter.format(new LogRecord(
                        Level.WARNING, missing + " log lines are missing here: the log was not read in time")));
    }

    /** Makes this the only log handler of the process. Debug lines come from the relay, not from its libraries. */
    static void ofProcess(Settings.Level level) {
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.JULLogDelegateFactory");
        io.netty.util.internal.logging.InternalLoggerFactory.setDefaultFactory(
                io.netty.util.internal.logging.JdkLoggerFactory.INSTANCE);
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        ConsoleLog log = new ConsoleLog();
        ofProcess = log;
        root.addHandler(log);
        // By default the JVM writes to standard error, where it could block.
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, thrown) -> root.log(Level.SEVERE, "thread " + thread.getName() + " ended", thrown));
        root.setLevel(level == Settings.Level.WARN ? Level.WARNING : Level.INFO);
        Logger.getLogger("io.netty").setLevel(Level.WARNING);
        Logger.getLogger("io.vertx").setLevel(Level.WARNING);
        if (level == Settings.Level.DEBUG) {
            Logger.getLogger("link.ambassador").setLevel(Level.FINE);
        }
    }

    /** How many lines were not written, because the reader did not keep up or is gone. */
    public static long droppedTotal() {
        ConsoleLog log = ofProcess;
        return log == null ? 0 : log.out.droppedTotal();
    }

    /** Waits until all lines are written, for a limited time. */
    static void awaitWritten() {
        ConsoleLog log = ofProcess;
        if (log != null) {
            log.flush();
        }
    }

    @Override
    public void publish(LogRecord entry) {
        if (isLoggable(entry)) {
            byte[] line = getFormatter().format(entry).getBytes(StandardCharsets.UTF_8);
            out.write(line, 0, line.length);
        }
    }

    @Override
    public void flush() {
        out.awaitWritten(FLUSH_TIMEOUT);
    }

    @Override
    public void close() {
        flush();
    }
}
