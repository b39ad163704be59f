package link.ambassador.relay.proxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import link.ambassador.config.Link;

/**
 * The links of a relay by the port that they listen on: those of the newest table, and those that left it and have connections
 * still. On the event loop.
 */
public final class ActiveLinks {
    private final ActiveLink.Shared shared;
    private final LocalAddresses local;
    private final Map<Integer, ActiveLink> current = new TreeMap<>();
    private final Map<Integer, ActiveLink> leaving = new TreeMap<>();

    public ActiveLinks(ActiveLink.Shared shared, LocalAddresses local) {
        this.shared = shared;
        this.local = local;
    }

    /** Those of the table. */
    public Collection<ActiveLink> current() {
        return Collections.unmodifiableCollection(current.values());
    }

    /** Those that are gone from the table and have connections still. */
    public Collection<ActiveLink> leaving() {
        return Collections.unmodifiableCollection(leaving.values());
    }

    public List<ActiveLink> every() {
        List<ActiveLink> every = new ArrayList<>(current.values());
        every.addAll(leaving.values());
        return every;
    }

    /** Serves these instead of those before; only what differs is touched. Completes when each listener was tried. */
    public Future<Void> change(List<Link> next) {
        TableDiff change = TableDiff.between(
                current.values().stream().map(ActiveLink::link).toList(), next);
        change.changed().forEach(link -> current.get(link.listen()).change(link));
        List<Future<Void>> tried = new ArrayList<>();
        // All are there at once, so that none is missing from what is told of the table.
        List<ActiveLink> joined =
                change.opened().stream().map(link -> join(link, tried)).toList();
        // The new listen before the old close: a link may be moving from one port to another.
        return shared.turns()
                .each(joined, ActiveLink::openListeners)
                .compose(opening -> Future.join(tried))
                .transform(opened -> shared.turns().each(change.removed(), this::remove));
    }

    private ActiveLink join(Link link, List<Future<Void>> tried) {
        ActiveLink served = leaving.remove(link.listen());
        if (served == null) {
            served = new ActiveLink(shared, link, () -> emptied(link.listen()));
        } else {
            served.change(link);
        }
        ActiveLink joining = served;
        current.put(link.listen(), joining);
        Promise<Void> settled = Promise.promise();
        tried.add(settled.future());
        joining.join(() -> {
            if (joining.isTried()) {
                settled.tryComplete();
            }
        });
        return joining;
    }

    private void remove(Link link) {
        ActiveLink removed = current.remove(link.listen());
        leaving.put(link.listen(), removed);
        removed.leave();
        emptied(link.listen());
    }

    /** A link that is leaving is gone with its last connection. */
    private void emptied(int listen) {
        ActiveLink link = leaving.get(listen);
        if (link != null && link.open() == 0) {
            leaving.remove(listen);
        }
    }

    /** Whether one of the table listens there. */
    public boolean listenOn(InetSocketAddress address) {
        return current.containsKey(address.getPort())
                && shared.addresses().cover(address.getAddress(), local::contains);
    }
}
