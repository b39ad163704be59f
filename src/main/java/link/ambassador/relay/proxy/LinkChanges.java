package link.ambassador.relay.proxy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
     * @param drainEndNanos when a drain that begins because of this change has to end
     */
    record Change(Link link, Retarget retarget, boolean gone, long drainEndNanos) {
        /** What to do with a session. */
        enum Action {
            NONE,
            RESET,
            DRAIN,
            STOP_DRAINING
        }

        /** The link stays, and is now this one. */
        static Change to(Link link, Retarget retarget) {
            return new Change(link, retarget, false, drainEnd(link));
        }

        /** The link is no longer in the table. */
        static Change end(Link link) {
            return new Change(link, new Retarget(link.targets(), List.of()), true, drainEnd(link));
        }

        private static long drainEnd(Link link) {
            return System.nanoTime() + link.drainTimeout().toNanos();
        }

        /** Whether a session that is being dialled has to dial again. If the link is gone, its dial goes on. */
        boolean redials() {
            return !gone && retarget.isChange();
        }

        Action actionFor(Session session) {
            if (gone) {
                return actionForAffected();
            }
            if (session.isDrainedByRetarget()) {
                boolean unaffected = session.isUnaffectedBy(link.targets());
                return switch (link.existingConnections()) {
                    case KEEP -> Action.STOP_DRAINING;
                    case DRAIN -> unaffected ? Action.STOP_DRAINING : Action.NONE;
                    case CLOSE -> unaffected ? Action.STOP_DRAINING : Action.RESET;
                };
            }
            return session.isAffectedBy(retarget) ? actionForAffected() : Action.NONE;
        }

        private Action actionForAffected() {
            return switch (link.existingConnections()) {
                case KEEP -> Action.NONE;
                case DRAIN -> Action.DRAIN;
                case CLOSE -> Action.RESET;
            };
        }
    }

    private final Turns turns;
    private final Collection<Session> sessions;
    private final Drain drain;
    private final List<Change> unseen = new ArrayList<>();
    private long seenByAll;
    private boolean catchingUp;

    /** @param sessions those that are open */
    LinkChanges(Turns turns, Collection<Session> sessions, Drain drain) {
        this.turns = turns;
        this.sessions = sessions;
        this.drain = drain;
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
                if (catchUp(session)) {
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
                drain.cancel(session.connection());
            }
            case DRAIN -> {
                session.drainedBy(change.retarget());
                drain.begin(session.connection(), change.drainEndNanos(), CloseReason.DRAIN_TIMEOUT);
            }
        }
    }
}
