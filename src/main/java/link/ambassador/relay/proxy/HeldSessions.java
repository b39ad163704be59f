package link.ambassador.relay.proxy;

import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import link.ambassador.relay.join.CloseReason;

/** The sessions of one link that wait for the end of a hold, in the order in which they came. On the event loop. */
final class HeldSessions {
    private final Consumer<Session> dial;
    /** Sorted, because a session that was being dialled when the hold began comes before those that came later. */
    private final TreeSet<Session> waiting = new TreeSet<>(Comparator.comparingLong(Session::number));

    private final Map<HoldOutcome, Long> outcomes = new EnumMap<>(HoldOutcome.class);
    private final WaitTimes waitTimes = new WaitTimes();
    private long heldTotal;
    private long overflow;
    private long longestWaitNanos;

    HeldSessions(Consumer<Session> dial) {
        this.dial = dial;
    }

    /** A hold begins: {@link #heldTotal}, {@link #overflow} and {@link #longestWaitNanos} count what it does. */
    void holdBegins() {
        heldTotal = waiting.size();
        overflow = 0;
        longestWaitNanos = 0;
    }

    int size() {
        return waiting.size();
    }

    void add(Session session) {
        session.hold();
        waiting.add(session);
        heldTotal++;
    }

    /** A connection was reset because too many wait. */
    void overflowed() {
        overflow++;
        count(HoldOutcome.OVERFLOW);
    }

    /** A session ended while it waited. */
    void abandoned(Session session) {
        if (waiting.remove(session)) {
            ended(session, HoldOutcome.ABANDONED);
        }
    }

    /** Dials for the session that came first. Only if there is one. */
    void releaseFirst() {
        release(waiting.first());
    }

    void release(Session session) {
        if (waiting.remove(session)) {
            ended(session, HoldOutcome.RELEASED);
            dial.accept(session);
        }
    }

    void refuse(Session session) {
        if (waiting.remove(session)) {
            ended(session, HoldOutcome.EXPIRED);
            session.connection().reset(CloseReason.HOLD_EXPIRED);
        }
    }

    /** A copy. */
    List<Session> all() {
        return List.copyOf(waiting);
    }

    private void ended(Session session, HoldOutcome outcome) {
        long waitedNanos = System.nanoTime() - session.openedNanos();
        longestWaitNanos = Math.max(longestWaitNanos, waitedNanos);
        waitTimes.add(waitedNanos);
        count(outcome);
    }

    private void count(HoldOutcome outcome) {
        outcomes.merge(outcome, 1L, Long::sum);
    }

    Map<HoldOutcome, Long> outcomes() {
        return Collections.unmodifiableMap(outcomes);
    }

    WaitTimes waitTimes() {
        return waitTimes;
    }

    long heldTotal() {
        return heldTotal;
    }

    long overflow() {
        return overflow;
    }

    /** Also of those that still wait. */
    long longestWaitNanos() {
        return waiting.isEmpty()
                ? longestWaitNanos
                : Math.max(longestWaitNanos, System.nanoTime() - waiting.first().openedNanos());
    }
}
