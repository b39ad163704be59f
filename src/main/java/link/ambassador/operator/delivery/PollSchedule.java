package link.ambassador.operator.delivery;

import java.time.Duration;

/**
 * When a relay that has not acknowledged is asked and refreshed again. Rounds of {@value #ASKS_PER_ROUND} questions; a refresh
 * stands between rounds, and each round takes twice as long as the one before.
 *
 * <pre>
 *   refresh · 50 ms · ask · 100 ms · ask · 200 ms · ask · 400 ms · ask · 800 ms · ask · refresh · 100 ms · ask · …
 * </pre>
 */
final class PollSchedule {
    static final int ASKS_PER_ROUND = 5;

    /**
     * A relay that never answers is refreshed no more after so many rounds, some 50 s: by then its kubelet has refreshed the
     * volume by itself.
     */
    static final int ROUNDS_IN_SILENCE = 5;

    private static final Duration FIRST = Duration.ofMillis(50);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private PollSchedule() {}

    /** How long to wait before question {@code ask} (from 0) of a round (from 0). */
    static Duration before(int round, int ask) {
        int doublings = Math.min(round + ask, 10);
        Duration wait = FIRST.multipliedBy(1L << doublings);
        return wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
    }
}
