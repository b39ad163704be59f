package link.ambassador.operator.delivery;

import java.time.Duration;

/**
 * When to poll and to refresh a relay that has not acknowledged: in rounds of {@value #POLLS_PER_ROUND} polls, with a refresh
 * between rounds. Each round takes twice as long as the one before.
 *
 * <pre>
 *   refresh · 50 ms · poll · 100 ms · poll · 200 ms · poll · 400 ms · poll · 800 ms · poll · refresh · 100 ms · poll · …
 * </pre>
 */
final class PollSchedule {
    static final int POLLS_PER_ROUND = 5;

    /**
     * After so many rounds, some 50 s, a relay that never answers is not refreshed any more: by then its kubelet has refreshed the
     * volume by itself.
     */
    static final int MOST_UNREACHABLE_ROUNDS = 5;

    private static final Duration FIRST = Duration.ofMillis(50);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private PollSchedule() {}

    /** How long to wait before a poll; rounds, and polls of a round, count from 0. */
    static Duration before(int round, int poll) {
        int doublings = Math.min(round + poll, 10);
        Duration wait = FIRST.multipliedBy(1L << doublings);
        return wait.compareTo(LONGEST) < 0 ? wait : LONGEST;
    }
}
