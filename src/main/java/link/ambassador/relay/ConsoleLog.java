package link.ambassador.relay;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The relay's log: one line a record, on standard output. Standard error is for the one sentence of a failed start. What was
 * thrown comes with its stack trace, in the same line, when it is an error of the relay itself.
 */
final class ConsoleLog extends Handler {
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

    private final PrintStream out;

    private ConsoleLog(PrintStream out) {
        this.out = out;
        setFormatter(new OneLine());
        setLevel(Level.ALL);
    }

    /** Makes this the only handler of the process; debug concerns the relay, not its libraries. */
    static void to(PrintStream out, Settings.Level level) {
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.JULLogDelegateFactory");
        io.netty.util.internal.logging.InternalLoggerFactory.setDefaultFactory(
                io.netty.util.internal.logging.JdkLoggerFactory.INSTANCE);
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.addHandler(new ConsoleLog(out));
        root.setLevel(level == Settings.Level.WARN ? Level.WARNING : Level.INFO);
        Logger.getLogger("io.netty").setLevel(Level.WARNING);
        Logger.getLogger("io.vertx").setLevel(Level.WARNING);
        if (level == Settings.Level.DEBUG) {
            Logger.getLogger("link.ambassador").setLevel(Level.FINE);
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
        out.flush();
    }

    @Override
    public void close() {
        flush();
    }
}
