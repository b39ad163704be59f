package link.ambassador.relay.dial;

import java.util.Locale;

/**
 * What probes and connects have told of one target of a link with a health check.
 *
 * <pre>
 *               the first probe is good
 *   UNCHECKED ───────────────────────────► HEALTHY ◄──────────────────────────────┐
 *       │                                     │                                   │
 *       │ the first probe or connect fails    │ unhealthyThreshold failures       │ healthyThreshold good
 *       └───────────────────────────────────► UNHEALTHY ─────── in a row ─────────┘ probes in a row
 * </pre>
 *
 * A target begins as HEALTHY if its check is TCP: a connect then tells as much as a probe. It is a function of what it is
 * told; it has no timers.
 */
public final class CheckedTarget {
    /** Whether new connections may go to a target. */
    public enum State {
        /** Nothing is known yet. */
        UNCHECKED,
        HEALTHY,
        UNHEALTHY;

        /** The word in {@code /links}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How many connections in a row may end without a byte from their target before that counts as unhealthy. */
    static final int MAX_EMPTY_CONNECTIONS = 3;

    private final int unhealthyThreshold;
    private final int healthyThreshold;
    private State state;
    private int failures;
    private int successes;
    private int emptyConnections;
    private boolean connectFailed;
    private long sinceNanos;
    private long checkedNanos;
    private String error = "";

    CheckedTarget(State first, int unhealthyThreshold, int healthyThreshold, long nowNanos) {
        this.state = first;
        this.unhealthyThreshold = unhealthyThreshold;
        this.healthyThreshold = healthyThreshold;
        this.sinceNanos = nowNanos;
        this.checkedNanos = nowNanos;
    }

    State state() {
        return state;
    }

    /** When it got its state. */
    long sinceNanos() {
        return sinceNanos;
    }

    /** When something was last learned of it. */
    long checkedNanos() {
        return checkedNanos;
    }

    /** Why the latest probe or connect failed; empty if it did not. */
    String error() {
        return error;
    }

    /** Healthy, and the latest thing that it did was no failure. */
    boolean isFit() {
        return state == State.HEALTHY && failures == 0;
    }

    /** Whether a connect failed since it was last fit. */
    boolean hasConnectFailed() {
        return connectFailed;
    }

    /** A probe failed. */
    void probeFailed(String why, long nowNanos) {
        checkedNanos = nowNanos;
        error = why;
        successes = 0;
        failures++;
        if (state == State.UNCHECKED || failures >= unhealthyThreshold) {
            become(State.UNHEALTHY, nowNanos);
        }
    }

    /** A connect for a connection failed. */
    void connectFailed(String why, long nowNanos) {
        connectFailed = true;
        probeFailed(why, nowNanos);
    }

    /** A probe was good; or a connect, if the check is TCP. */
    void succeeded(long nowNanos) {
        checkedNanos = nowNanos;
        error = "";
        failures = 0;
        successes++;
        if (state == State.UNCHECKED || successes >= healthyThreshold) {
            become(State.HEALTHY, nowNanos);
        }
        if (state == State.HEALTHY) {
            connectFailed = false;
        }
    }

    /** A connection ended. */
    void connectionEnded(boolean empty, long nowNanos) {
        emptyConnections = empty ? emptyConnections + 1 : 0;
        if (emptyConnections == MAX_EMPTY_CONNECTIONS) {
            emptyConnections = 0;
            checkedNanos = nowNanos;
            connectFailed = true;
            successes = 0;
            failures = unhealthyThreshold;
            error = "it accepted " + MAX_EMPTY_CONNECTIONS + " connections in a row and ended them without a byte";
            become(State.UNHEALTHY, nowNanos);
        }
    }

    private void become(State next, long nowNanos) {
        if (state != next) {
            state = next;
            sinceNanos = nowNanos;
        }
    }
}
