package link.ambassador.bench.failover;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The roles of two Redis, swapped again and again under many consumers of the relay. */
final class Swaps {
    private static final long KNOWN_MILLIS = 1_000;

    private final Path image;
    private final int swaps;
    private final int consumers;

    Swaps(Path image, int swaps, int consumers) {
        this.image = image;
        this.swaps = swaps;
        this.consumers = consumers;
    }

    String report() throws IOException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        try (Redis a = new Redis();
                Redis b = new Redis()) {
            b.replicaOf(a);
            try (Way way = new Way(Way.Kind.AMBASSADOR, image, a, b, true, true);
                    Consumers under = new Consumers(way.address(), consumers)) {
                Wait.until("each consumer has written", () -> under.writes.get() >= consumers);
                for (int swap = 0; swap < swaps; swap++) {
                    boolean toB = swap % 2 == 0;
                    millis.add(swap(way, toB ? a : b, toB ? b : a, toB ? 0 : 1));
                    under.nextPhase();
                    TimeUnit.MILLISECONDS.sleep(KNOWN_MILLIS);
                    under.nextPhase();
                    System.err.printf(Locale.ROOT, "swap %d: %.0f ms%n", swap + 1, millis.get(swap));
                }
                return text(under, millis);
            }
        }
    }

    /** How long it takes until the relay knows the roles, and the former primary has no connection. */
    private static double swap(Way way, Redis former, Redis next, int formerIndex)
            throws IOException, InterruptedException {
        long began = System.nanoTime();
        former.replicaOf(next);
        next.becomePrimary();
        Wait.until("the relay knows the roles", () -> {
            List<Way.Target> targets = way.targets();
            Way.Target left = targets.get(formerIndex);
            return !left.isHealthy()
                    && left.open() == 0
                    && targets.get(1 - formerIndex).isHealthy();
        });
        return (System.nanoTime() - began) / 1e6;
    }

    private String text(Consumers under, List<Double> millis) {
        Collections.sort(millis);
        return String.format(
                Locale.ROOT,
                """
                %,d consumers, %d swaps: known to the relay after %,.0f ms (median), %,.0f ms at most; %,d writes

                | | until the relay knew of a swap | when it knew |
                |---|---|---|
                | writes that a replica refused | %,d | %,d |
                | failed connects | %,d | %,d |
                | connections that ended under a write | %,d | %,d |
                """,
                consumers,
                swaps,
                millis.get(millis.size() / 2),
                millis.get(millis.size() - 1),
                under.writes.get(),
                under.refused.get(),
                under.refusedWhenKnown.get(),
                under.unconnected.get(),
                under.unconnectedWhenKnown.get(),
                under.ended.get(),
                under.endedWhenKnown.get());
    }
}
