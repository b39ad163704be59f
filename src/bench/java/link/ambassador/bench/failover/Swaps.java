package link.ambassador.bench.failover;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/** The roles of two Redis, swapped again and again under consumers of the relay. */
final class Swaps {
    private static final long KNOWN_MILLIS = 1_000;
    private static final int PATIENCE_MILLIS = 200;

    /**
     * One swap, in milliseconds.
     *
     * @param commands from the first command until both Redis had done theirs. The other times begin there: from then on both answer
     *     everybody with their new role
     * @param writable until a new connection could write
     * @param known until the relay knew the roles, and the former primary had no connection
     */
    private record Swap(double commands, double writable, double known) {}

    private final Path image;
    private final int swaps;
    private final int consumers;

    Swaps(Path image, int swaps, int consumers) {
        this.image = image;
        this.swaps = swaps;
        this.consumers = consumers;
    }

    String report() throws IOException, InterruptedException {
        List<Swap> seen = new ArrayList<>();
        try (Redis a = new Redis();
                Redis b = new Redis()) {
            b.replicaOf(a);
            try (Way way = new Way(Way.Kind.AMBASSADOR, image, a, b, true, true);
                    Consumers under = new Consumers(way.address(), consumers)) {
                Wait.until("each consumer has written", () -> under.writes.get() >= consumers);
                for (int swap = 0; swap < swaps; swap++) {
                    boolean toB = swap % 2 == 0;
                    seen.add(swap(way, toB ? a : b, toB ? b : a, toB ? 0 : 1));
                    under.nextPhase();
                    TimeUnit.MILLISECONDS.sleep(KNOWN_MILLIS);
                    under.nextPhase();
                    System.err.printf(Locale.ROOT, "swap %d: %s%n", swap + 1, seen.get(swap));
                }
                return text(under, seen);
            }
        }
    }

    private static Swap swap(Way way, Redis former, Redis next, int formerIndex)
            throws IOException, InterruptedException {
        long told = System.nanoTime();
        former.replicaOf(next);
        next.becomePrimary();
        long began = System.nanoTime();
        AtomicLong writable = new AtomicLong();
        Wait.until("the relay knows the roles", () -> {
            if (writable.get() == 0 && canWrite(way)) {
                writable.set(System.nanoTime());
            }
            List<Way.Target> targets = way.targets();
            Way.Target left = targets.get(formerIndex);
            return writable.get() != 0
                    && !left.isHealthy()
                    && left.open() == 0
                    && targets.get(1 - formerIndex).isHealthy();
        });
        return new Swap(millis(told, began), millis(began, writable.get()), millis(began, System.nanoTime()));
    }

    private static double millis(long fromNanos, long toNanos) {
        return (toNanos - fromNanos) / 1e6;
    }

    private static boolean canWrite(Way way) {
        try (Redis.Connection connection = new Redis.Connection(way.address(), PATIENCE_MILLIS)) {
            return connection.ask("SET key value").equals("+OK");
        } catch (IOException notYet) {
            return false;
        }
    }

    private String text(Consumers under, List<Swap> seen) {
        return String.format(
                Locale.ROOT,
                """
                %,d consumers, %d swaps, %,d writes. Both Redis did their commands within %s.
                From then on, median and longest: a new connection could write after %s;
                the relay knew the roles and had reset the connections to the former primary after %s.

                | | until the relay knew of a swap | when it knew |
                |---|---|---|
                | writes that a replica refused | %,d | %,d |
                | failed connects | %,d | %,d |
                | connections that ended under a write | %,d | %,d |
                """,
                consumers,
                swaps,
                under.writes.get(),
                medianAndLongest(seen, Swap::commands),
                medianAndLongest(seen, Swap::writable),
                medianAndLongest(seen, Swap::known),
                under.refused.get(),
                under.refusedWhenKnown.get(),
                under.unconnected.get(),
                under.unconnectedWhenKnown.get(),
                under.ended.get(),
                under.endedWhenKnown.get());
    }

    private static String medianAndLongest(List<Swap> seen, ToDoubleFunction<Swap> time) {
        double[] millis = seen.stream().mapToDouble(time).sorted().toArray();
        return String.format(Locale.ROOT, "%,.0f ms, %,.0f ms", millis[millis.length / 2], millis[millis.length - 1]);
    }
}
