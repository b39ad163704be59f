package link.ambassador.relay.proxy;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Target;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.Drain;
import link.ambassador.relay.join.Turns;

/** The sessions of one link that have not ended, and how they are ended by all at once. On the event loop. */
final class OpenSessions {
    private final Turns turns;
    private final Drain drain;
    private final Set<Session> sessions = new HashSet<>();
    private final Map<Target, Integer> byTarget = new HashMap<>();
    private final Map<Target, Integer> drainedByRetarget = new HashMap<>();

    OpenSessions(Turns turns, Drain drain) {
        this.turns = turns;
        this.drain = drain;
    }

    /** All of them, as they are at each moment. */
    Collection<Session> all() {
        return Collections.unmodifiableCollection(sessions);
    }

    int size() {
        return sessions.size();
    }

    boolean isEmpty() {
        return sessions.isEmpty();
    }

    /** How many each target has, also those that left the table. */
    Map<Target, Integer> byTarget() {
        return byTarget;
    }

    int draining() {
        return drain.size();
    }

    /** What a change of the targets does to those that have a target; to be asked before they see the change. */
    RetargetOutcome outcomeOf(Retarget retarget, ExistingConnections policy) {
        int affected = affected(byTarget, retarget);
        return switch (policy) {
            case KEEP -> new RetargetOutcome(retarget.from(), 0, 0);
            case DRAIN -> new RetargetOutcome(retarget.from(), affected - affected(drainedByRetarget, retarget), 0);
            case CLOSE -> new RetargetOutcome(retarget.from(), 0, affected);
        };
    }

    private static int affected(Map<Target, Integer> byTarget, Retarget retarget) {
        return byTarget.entrySet().stream()
                .filter(entry -> retarget.affects(entry.getKey()))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    /** A session drains because of a change of the targets, or does no longer. */
    void drainedByRetarget(Target target, boolean drained) {
        drainedByRetarget.merge(target, drained ? 1 : -1, OpenSessions::sumUnlessZero);
    }

    void add(Session session) {
        sessions.add(session);
    }

    /** A session has a target now. */
    void connected(Target target) {
        byTarget.merge(target, 1, Integer::sum);
    }

    /** A session has ended. */
    void remove(Session session) {
        sessions.remove(session);
        session.target().ifPresent(target -> {
            byTarget.merge(target, -1, OpenSessions::sumUnlessZero);
            if (session.isDrainedByRetarget()) {
                drainedByRetarget(target, false);
            }
        });
        drain.ended(session.connection());
    }

    /** Null removes the entry from the map. */
    private static Integer sumUnlessZero(int one, int other) {
        return one + other == 0 ? null : one + other;
    }

    /** Drains every connection: closes each when it is idle, and ends the rest at {@code endNanos}. */
    void drain(long endNanos, CloseReason atTheEnd) {
        turns.each(sessions, session -> {
            if (!session.isEnded()) {
                drain.begin(session.connection(), endNanos, atTheEnd);
            }
        });
    }

    /** The failover has left a target, whose connections end by {@code policy}: a drain at {@code endNanos} at the latest. */
    void leave(Target target, ExistingConnections policy, long endNanos) {
        if (policy == ExistingConnections.KEEP) {
            return;
        }
        turns.each(sessions, session -> {
            if (session.isEnded() || !session.target().equals(Optional.of(target))) {
                return;
            }
            if (policy == ExistingConnections.CLOSE) {
                session.connection().reset(CloseReason.FAILED_OVER);
            } else {
                session.drainedByFailover();
                drain.begin(session.connection(), endNanos, CloseReason.DRAIN_TIMEOUT);
            }
        });
    }
}
