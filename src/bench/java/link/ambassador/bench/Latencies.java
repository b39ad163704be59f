package link.ambassador.bench;

import java.util.Arrays;

/** The latencies of one turn. */
final class Latencies {
    private final long[] sortedNanos;

    Latencies(long[] nanos) {
        sortedNanos = nanos.clone();
        Arrays.sort(sortedNanos);
    }

    double micros(double quantile) {
        return sortedNanos[Math.min(sortedNanos.length - 1, (int) (sortedNanos.length * quantile))] / 1e3;
    }

    double millis(double quantile) {
        return micros(quantile) / 1e3;
    }
}
