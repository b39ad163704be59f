package link.ambassador.relay.proxy;

import java.util.Locale;

/** How the wait of a connection for the end of a hold ended. */
public enum HoldOutcome {
    /** The hold ended, and the connection is dialled. */
    RELEASED,
    /** The time of the hold was over, and the connection was reset because of whenExpired. */
    EXPIRED,
    /** It was reset and did not wait, because maxHeld connections waited already. */
    OVERFLOW,
    /** It ended while it waited, mostly because its consumer gave up. */
    ABANDONED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The value of the metric's label. */
    public String label() {
        return label;
    }
}
