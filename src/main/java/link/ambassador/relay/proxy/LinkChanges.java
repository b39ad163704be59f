package link.ambassador.relay.proxy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.Drain;
import link.ambassador.relay.join.Turns;

/**
 * The changes of a link, and what each does to the sessions that were open when it came. Sessions see changes in order,
 * over several turns of the event loop; a session that is late sees all that it missed at once. On the event loop.
 */
final class LinkChanges {
    /**
     * One change of a link by a table, and what it does to each session that was open when the table came. However late
     * a session sees it, this change decides, and no later one.
     *
     * @param link as the new table has it; as the last table had it, if the link is gone
     * @param otherTls whether new connections to the targets have other TLS
     * @param nanos when it came
     * @param hold began with this change, or was edited by it: its existingConnections apply now
     * @param holding whether new connections wait from now on
     */
    record Change(
            Link link,
            Retarget retarget,
            boolean otherTls,
            boolean gone,
            long nanos,
            Optional<Hold> hold,
            boolean holding) {
        /** What to do with a session. */
        enum Action {
            NONE,
            RESET,
            DRAIN,
            STOP_DRAINING
        }

        /** The link stays, and is now this one. */
        static Change to(Link link, Retarget retarget, boolean otherTls, Optional<Hold> hold, boolean holding) {
            return new Change(link, retarget, otherTls, false, System.nanoTime(), hold, holding);
        }

        /** The time of the link's hold is over. */
        static Change holdExpired(Link link) {
            return to(link, new Retarget(link.targets(), link.targets()), false, Optional.empty(), false);
        }

        /** The link is no longer in the table. */
        static Change end(Link link) {
            return new Change(
                    link,
                    new Retarget(link.targets(), List.of()),
                    false,
                    true,
                    System.nanoTime(),
                    Optional.empty(),
                    false);
        }

        /** When a drain that begins because of this change has to end. */
        long drainEndNanos() {
            return nanos + link.drainTimeout().toNanos();
        }

        /** Whether a session that is being dialled has to dial again. If the link is gone, its dial goes on. */
        boolean redials() {
            return !gone && (retarget.isChange() || otherTls);
        }

        Action actionFor(Session session) {
            if (gone) {
                return action(link.existingConnections());
            }
            if (session.isDrainedByRetarget()) {
                boolean unaffected = session.isUnaffectedBy(link.targets());
                return switch (link.existingConnections()) {
                    case KEEP -> Action.STOP_DRAINING;
                    case DRAIN -> unaffected ? Action.STOP_DRAINING : Action.NONE;
                    case CLOSE -> unaffected ? Action.STOP_DRAINING : Action.RESET;
                };
            }
            return session.isAffectedBy(retarget) ? action(link.existingConnections()) : Action.NONE;
        }

        /** What to do with a session because of the link's hold, whatever its target is. */
        Action holdActionFor(Session session) {
            if (session.isDrainedByHold() && !gone) {
                boolean keeps = hold.isPresent() && hold.get().existingConnections() == ExistingConnections.KEEP;
                if (keeps || !holding) {
                    return Action.STOP_DRAINING;
                }
            }
            return hold.isPresent() && session.target().isPresent()
                    ? action(hold.get().existingConnections())
                    : Action.NONE;
        }

        private static Action action(ExistingConnections policy) {
            return switch (policy) {
                case KEEP -> Action.NONE;
                case DRAIN -> Action.DRAIN;
                case CLOSE -> Action.RESET;
            };
        }
    }

    private final Turns turns;
    private final Collection<Session> sessions;
    private final Drain drain;
    private final LinkHold hold;
    private final List<Change> unseen = new ArrayList<>();
    private long seenByAll;
    private boolean catchingUp;

    /**
     * Prepares for the changes of a link.
     *
     * @param sessions those that are open
     * @param hold of the link: a session that is being dialled when it begins has to wait
     */
    LinkChanges(Turns turns, Collection<Session> sessions, Drain drain, LinkHold hold) {
        this.turns = turns;
        this.sessions = sessions;
        this.drain = drain;
        this.hold = hold;
    }

    /** How many changes there were. */
    long count() {
        return seenByAll + unseen.size();
    }

    /** Shows one more change to each session. */
    void add(Change change) {
        unseen.add(change);
        if (!catchingUp) {
            catchUpAll();
        }
    }

    /** One round at a time: otherwise changes that keep coming could keep the last sessions from ever being reached. */
    private void catchUpAll() {
        catchingUp = true;
        long target = count();
        turns.each(sessions, this::catchUpAndRedial).onComplete(done -> {
            unseen.subList(0, (int) (target - seenByAll)).clear();
            seenByAll = target;
            catchingUp = false;
            if (!unseen.isEmpty()) {
                catchUpAll();
            }
        });
    }

    private void catchUpAndRedial(Session session) {
        if (!session.isEnded()) {
            session.connection().run(() -> {
                boolean redial = catchUp(session);
                if (!hold.keeps(session) && redial) {
                    session.redial(unseen.get(unseen.size() - 1).link().targets());
                }
            });
        }
    }

    /**
     * Applies the changes that a session has not seen yet.
     *
     * @return whether the session has to dial again
     */
    boolean catchUp(Session session) {
        boolean redial = false;
        for (Change change : since(session.changesSeen())) {
            session.seesOneMoreChange();
            redial |= session.isDialling() && change.redials();
            apply(change, session);
        }
        return redial && !session.connection().isEnding();
    }

    /** The changes behind the first {@code seen}; a copy, because what they cause may add a change. */
    private List<Change> since(long seen) {
        return seen == count() ? List.of() : List.copyOf(unseen.subList((int) (seen - seenByAll), unseen.size()));
    }

    private void apply(Change change, Session session) {
        switch (change.actionFor(session)) {
            case NONE -> {}
            case RESET -> session.connection().reset(CloseReason.RETARGETED);
            case STOP_DRAINING -> {
                session.drainedBy(null);
                stopDraining(session);
            }
            case DRAIN -> {
                session.drainedBy(change.retarget());
                drain.begin(session.connection(), change.drainEndNanos(), CloseReason.DRAIN_TIMEOUT);
            }
        }
        if (!session.connection().isEnding()) {
            applyHold(change, session);
        }
    }

    private void applyHold(Change change, Session session) {
        switch (change.holdActionFor(session)) {
            case NONE -> {}
            case RESET -> session.connection().reset(CloseReason.HOLD_STARTED);
            case STOP_DRAINING -> {
                session.drainedByHold(false);
                stopDraining(session);
            }
            case DRAIN -> {
                session.drainedByHold(true);
                long endNanos = change.nanos()
                        + change.hold().orElseThrow().drainTimeout().toNanos();
                drain.begin(session.connection(), endNanos, CloseReason.DRAIN_TIMEOUT);
            }
        }
    }

    /** A session may drain for several reasons at once. */
    private void stopDraining(Session session) {
        if (!session.isDrainedByRetarget() && !session.isDrainedByHold() && !session.isDrainedByFailover()) {
            drain.cancel(session.connection());
        }
    }
}
