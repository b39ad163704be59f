package link.ambassador.relay.watch;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What should not have happened, each told to every test that runs at that moment: which of those that run at the same time
 * caused it, nobody knows. What happens while none runs is told to the next one.
 */
final class Incidents {
    private static final Set<Incidents> RUNNING = new HashSet<>();
    private static final List<String> BETWEEN_TESTS = new ArrayList<>();

    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    private Incidents() {}

    static synchronized Incidents begin() {
        Incidents incidents = new Incidents();
        incidents.seen.addAll(BETWEEN_TESTS);
        BETWEEN_TESTS.clear();
        RUNNING.add(incidents);
        return incidents;
    }

    static synchronized void tell(String what) {
        RUNNING.forEach(running -> running.seen.add(what));
        if (RUNNING.isEmpty()) {
            BETWEEN_TESTS.add("between two tests: " + what);
        }
    }

    /** What was seen since the beginning; no more is told. */
    List<String> end() {
        synchronized (Incidents.class) {
            RUNNING.remove(this);
        }
        return List.copyOf(seen);
    }
}
