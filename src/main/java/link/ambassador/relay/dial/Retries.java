package link.ambassador.relay.dial;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The further rounds of one dial, each of which tries every target again: when the next one begins, and when the dial gives up. Made when
 * every target has failed for the first time. On the event loop.
 */
final class Retries {
    /** Runs a step of the dial later. */
    interface Timer {
        ScheduledFuture<?> schedule(Runnable step, long delayNanos);
    }

    /** How long a dial waits before it tries its targets again. */
    static final Duration FIRST_WAIT = Duration.ofMillis(50);

    static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private final Timer timer;
    private final Runnable round;
    private final Backoff backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT);
    private final ScheduledFuture<?> deadline;

    /** Begins the next round; null while one is under way. */
    private ScheduledFuture<?> nextRound;

    private DialException lastFailure;

    /**
     * Begins to count the time.
     *
     * @param round begins a round
     * @param giveUp called with the latest failure when the time is over
     */
    Retries(Timer timer, Runnable round, Consumer<DialException> giveUp, Duration timeout) {
        this.timer = timer;
        this.round = round;
        this.deadline = timer.schedule(() -> giveUp.accept(lastFailure), timeout.toNanos());
    }

    /** Every target has failed: the next round begins after a while. */
    void await(DialException failure) {
        lastFailure = failure;
        nextRound = timer.schedule(this::begin, backoff.nextNanos());
    }

    /** Whether no round is under way. */
    boolean isWaiting() {
        return nextRound != null;
    }

    /** Waits no longer. Only while it waits. */
    void beginNow() {
        nextRound.cancel(false);
        begin();
    }

    private void begin() {
        nextRound = null;
        round.run();
    }

    /** The dial is over, or begins as a new one would. */
    void stop() {
        deadline.cancel(false);
        if (nextRound != null) {
            nextRound.cancel(false);
        }
    }
}
