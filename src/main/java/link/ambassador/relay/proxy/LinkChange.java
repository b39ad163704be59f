package link.ambassador.relay.proxy;

import java.util.List;
import link.ambassador.config.Link;

/**
 * One change of a link by a table, and what it does to each session that was open when the table came. However late a
 * session sees it, this change decides, and no later one.
 *
 * @param link as the new table has it; as the last table had it, if the link is gone
 * @param drainEndNanos when a drain that begins because of this change has to end
 */
record LinkChange(Link link, Retarget retarget, boolean gone, long drainEndNanos) {
    /** What to do with a session. */
    enum Action {
        NONE,
        RESET,
        DRAIN,
        STOP_DRAINING
    }

    /** The link stays, and is now this one. */
    static LinkChange to(Link link, Retarget retarget) {
        return new LinkChange(link, retarget, false, drainEnd(link));
    }

    /** The link is no longer in the table. */
    static LinkChange end(Link link) {
        return new LinkChange(link, new Retarget(link.targets(), List.of()), true, drainEnd(link));
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
        return session.target().filter(retarget::affects).isPresent() ? actionForAffected() : Action.NONE;
    }

    private Action actionForAffected() {
        return switch (link.existingConnections()) {
            case KEEP -> Action.NONE;
            case DRAIN -> Action.DRAIN;
            case CLOSE -> Action.RESET;
        };
    }
}
