package link.ambassador.relay.probe;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import link.ambassador.config.HealthCheck;

/**
 * When a target was probed last, and when it is probed next: an interval later, which is up to a fifth shorter or longer, so that the
 * probes of many relays do not stay in step.
 */
record ProbeTimes(long beganNanos, long intervalNanos) {
    /** A probe began. */
    static ProbeTimes began(long nowNanos, Duration interval) {
        long fifth = interval.toNanos() / 5;
        long jittered = interval.toNanos() - fifth + ThreadLocalRandom.current().nextLong(2 * fifth + 1);
        return new ProbeTimes(nowNanos, jittered);
    }

    /**
     * When the next probe begins.
     *
     * @param awaited whether a connection waits for it, so that it cannot wait for a long interval to be over
     * @param doubted whether a healthy target gave another answer, so that all are soon asked again
     */
    long nextNanos(boolean awaited, boolean doubted) {
        long next = doubted ? intervalNanos / 5 : intervalNanos;
        return beganNanos + (awaited ? Math.min(next, HealthCheck.MIN_INTERVAL.toNanos()) : next);
    }
}
