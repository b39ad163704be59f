package link.ambassador.relay.proxy;

import java.util.List;
import link.ambassador.config.Link;

/**
 * What a table changed of a link, as it is to be done to each connection that was open when it came: however late that is, what
 * is done is decided by this change, and by none that came later.
 *
 * @param link the link as the table has it; as it was, when it is gone
 * @param drainEndNanos when a drain that begins because of it has to end
 */
record LinkChange(Link link, Retarget retarget, boolean gone, long drainEndNanos) {
    /** What is to become of a connection. */
    enum Meaning {
        NOTHING,
        RESET,
        DRAIN,
        /** It drains no longer. */
        SPARE
    }

    /** The link goes on as this one. */
    static LinkChange to(Link link, Retarget retarget) {
        return new LinkChange(link, retarget, false, drainEnd(link));
    }

    /** The table has the link no more. */
    static LinkChange end(Link link) {
        return new LinkChange(link, new Retarget(link.targets(), List.of()), true, drainEnd(link));
    }

    private static long drainEnd(Link link) {
        return System.nanoTime() + link.drainTimeout().toNanos();
    }

    /** Whether a connection that is being dialled is to be dialled anew; those of a link that is gone are left alone. */
    boolean redials() {
        return !gone && retarget.isOne();
    }

    Meaning meansFor(Session connection) {
        if (gone) {
            return ofAffected();
        }
        if (connection.isDrainedByRetarget()) {
            boolean spared = connection.isSparedBy(link.targets());
            return switch (link.existingConnections()) {
                case KEEP -> Meaning.SPARE;
                case DRAIN -> spared ? Meaning.SPARE : Meaning.NOTHING;
                case CLOSE -> spared ? Meaning.SPARE : Meaning.RESET;
            };
        }
        return connection.target().filter(retarget::affects).isPresent() ? ofAffected() : Meaning.NOTHING;
    }

    private Meaning ofAffected() {
        return switch (link.existingConnections()) {
            case KEEP -> Meaning.NOTHING;
            case DRAIN -> Meaning.DRAIN;
            case CLOSE -> Meaning.RESET;
        };
    }
}
