package link.ambassador.operator;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Hears what this process logs from WARN on, for as long as it is open. */
public final class Warnings extends Handler implements AutoCloseable {
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Logger root = Logger.getLogger("");

    private Warnings() {}

    public static Warnings listen() {
        Warnings warnings = new Warnings();
        warnings.root.addHandler(warnings);
        return warnings;
    }

    /** Each with its logger; an exception by its first line. */
    public List<String> all() {
        return List.copyOf(heard);
    }

    @Override
    public void publish(LogRecord record) {
        if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
            heard.add(record.getLoggerName() + ": " + record.getMessage()
                    + (record.getThrown() == null ? "" : " " + record.getThrown()));
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        root.removeHandler(this);
    }
}
