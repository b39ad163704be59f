package link.ambassador.relay.watch;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Collects incidents and reports each to every test that runs at that moment, because it is not known which of them
 * caused it. If none runs, the next test gets it.
 */
final class Incidents {
    private static final Set<Incidents> RUNNING = new HashSet<>();
    private static final List<String> BETWEEN_TESTS = new ArrayList<>();

    private final Queue<String> recorded = new ConcurrentLinkedQueue<>();

    private Incidents() {}

    static synchronized Incidents begin() {
        Incidents incidents = new Incidents();
        incidents.recorded.addAll(BETWEEN_TESTS);
        BETWEEN_TESTS.clear();
        RUNNING.add(incidents);
        return incidents;
    }

    static synchronized void report(String what) {
        RUNNING.forEach(running -> running.recorded.add(what));
        if (RUNNING.isEmpty()) {
            BETWEEN_TESTS.add("between two tests: " + what);
        }
    }

    /** The incidents since the test began. The test gets no more afterwards. */
    List<String> end() {
        synchronized (Incidents.class) {
            RUNNING.remove(this);
        }
        return List.copyOf(recorded);
    }
}
