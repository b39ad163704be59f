package link.ambassador.operator.delivery;

import java.time.Duration;
import java.util.Optional;

/**
 * When to poll relays that hold again: often at first, because somebody waits until they hold, and then once a second; less often
 * when many relays of a namespace hold, so that its polls are {@value #MOST_A_SECOND} a second at most. Used on one context only.
 */
public final class HoldPolls extends NamespacePolls {
    private static final int MOST_A_SECOND = 100;

    /** So often a relay is polled for one hold. At one a second, that is more than the 10 minutes that a hold can last. */
    private static final int MOST_OF_A_HOLD = 700;

    private static final int QUICK = 8;
    private static final Duration BETWEEN_QUICK = Duration.ofMillis(250);
    private static final Duration BETWEEN = Duration.ofSeconds(1);

    public HoldPolls() {
        super(MOST_A_SECOND);
    }

    /**
     * How long to wait before the next poll of a relay that was polled {@code polled} times for this hold; empty when it says that it
     * holds for longer than a relay can.
     */
    Optional<Duration> before(String namespace, int polled) {
        if (polled >= MOST_OF_A_HOLD) {
            return Optional.empty();
        }
        Duration wanted = polled < QUICK ? BETWEEN_QUICK : BETWEEN;
        return Optional.of(shared(namespace, wanted));
    }
}
