package link.ambassador.relay.proxy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import link.ambassador.relay.join.Turns;

/**
 * The changes of a link that some of its connections have not seen yet. They see them in order, over several turns of the event
 * loop, and all that came meanwhile at once. On the event loop.
 */
final class LinkChanges {
    private final Turns turns;
    private final Collection<Session> connections;
    private final Consumer<Session> catchUp;
    private final List<LinkChange> unseen = new ArrayList<>();
    private long seenByAll;
    private boolean catchingUp;

    /**
     * @param connections those that are open
     * @param catchUp makes one see what it has not seen
     */
    LinkChanges(Turns turns, Collection<Session> connections, Consumer<Session> catchUp) {
        this.turns = turns;
        this.connections = connections;
        this.catchUp = catchUp;
    }

    /** How many there were. */
    long count() {
        return seenByAll + unseen.size();
    }

    /** Those behind the first so many; a copy, since what they cause may be a change. */
    List<LinkChange> since(long seen) {
        return seen == count() ? List.of() : List.copyOf(unseen.subList((int) (seen - seenByAll), unseen.size()));
    }

    /** Shows one more to each connection. */
    void add(LinkChange change) {
        unseen.add(change);
        if (!catchingUp) {
            catchUp();
        }
    }

    /** A round at a time: a change that comes meanwhile would else keep the last of them from ever being reached. */
    private void catchUp() {
        catchingUp = true;
        long target = count();
        turns.each(connections, catchUp).onComplete(done -> {
            unseen.subList(0, (int) (target - seenByAll)).clear();
            seenByAll = target;
            catchingUp = false;
            if (!unseen.isEmpty()) {
                catchUp();
            }
        });
    }
}
