package link.ambassador.relay.proxy;

import java.util.concurrent.TimeUnit;

/** How long connections were held, as a histogram. On the event loop only; any thread may read a copy. */
public final class WaitTimes {
    private static final double[] BOUNDS_SECONDS = {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600};

    private final long[] counts;
    private double sumSeconds;

    WaitTimes() {
        this(new long[BOUNDS_SECONDS.length + 1], 0);
    }

    private WaitTimes(long[] counts, double sumSeconds) {
        this.counts = counts;
        this.sumSeconds = sumSeconds;
    }

    void add(long nanos) {
        double seconds = nanos / (double) TimeUnit.SECONDS.toNanos(1);
        int bucket = 0;
        while (bucket < BOUNDS_SECONDS.length && seconds > BOUNDS_SECONDS[bucket]) {
            bucket++;
        }
        counts[bucket]++;
        sumSeconds += seconds;
    }

    WaitTimes copy() {
        return new WaitTimes(counts.clone(), sumSeconds);
    }

    /** The upper bound of each bucket; the last is infinite. */
    public double[] bounds() {
        double[] bounds = new double[counts.length];
        System.arraycopy(BOUNDS_SECONDS, 0, bounds, 0, BOUNDS_SECONDS.length);
        bounds[BOUNDS_SECONDS.length] = Double.POSITIVE_INFINITY;
        return bounds;
    }

    /** How many waits each bucket has; those of the buckets below are not included. */
    public long[] counts() {
        return counts.clone();
    }

    public double sumSeconds() {
        return sumSeconds;
    }
}
