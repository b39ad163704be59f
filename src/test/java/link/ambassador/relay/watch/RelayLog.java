package link.ambassador.relay.watch;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Collects every warning and error of the relay, of Netty and of Vert.x. */
final class RelayLog extends Handler {
    private static final List<String> HEARD = List.of("link.ambassador.", "io.netty.", "io.vertx.");
    private static final RelayLog INSTANCE = new RelayLog();

    private RelayLog() {
        setLevel(Level.WARNING);
        setFormatter(new SimpleFormatter());
    }

    /** Starts to collect, also after the log was configured again. */
    static synchronized void hear() {
        Logger root = Logger.getLogger("");
        if (!List.of(root.getHandlers()).contains(INSTANCE)) {
            root.addHandler(INSTANCE);
        }
    }

    @Override
    public void publish(LogRecord entry) {
        String logger = String.valueOf(entry.getLoggerName());
        if (isLoggable(entry) && HEARD.stream().anyMatch(logger::startsWith)) {
            StringWriter text = new StringWriter();
            text.append(
                    entry.getLevel() + " of " + logger + ": " + getFormatter().formatMessage(entry));
            if (entry.getThrown() != null) {
                entry.getThrown().printStackTrace(new PrintWriter(text.append('\n')));
            }
            Incidents.report(text.toString());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
