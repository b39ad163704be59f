package link.ambassador.relay.proxy;

import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import link.ambassador.config.Link;

/**
 * The links of a relay by listen port: those of the newest table, and those that left it and still have connections. On
 * the event loop.
 */
public final class ActiveLinks {
    private final LinkContext shared;
    private final LocalAddresses localAddresses;
    private final Map<Integer, ActiveLink> current = new TreeMap<>();
    private final Map<Integer, ActiveLink> leaving = new TreeMap<>();

    public ActiveLinks(LinkContext shared, LocalAddresses localAddresses) {
        this.shared = shared;
        this.localAddresses = localAddresses;
    }

    /** The links of the table. */
    public Collection<ActiveLink> current() {
        return Collections.unmodifiableCollection(current.values());
    }

    /** Links that left the table and still have connections. */
    public Collection<ActiveLink> leaving() {
        return Collections.unmodifiableCollection(leaving.values());
    }

    public List<ActiveLink> all() {
        List<ActiveLink> all = new ArrayList<>(current.values());
        all.addAll(leaving.values());
        return all;
    }

    /** Serves these links from now on, and touches only what differs. Completes when each listener was tried. */
    public Future<Void> change(List<Link> next) {
        TableDiff diff = TableDiff.between(
                current.values().stream().map(ActiveLink::ofTable).toList(), next);
        diff.changed().forEach(link -> current.get(link.listen()).change(link));
        List<Future<Void>> tried = new ArrayList<>();
        // All at once, so that /links never lacks a link of the table.
        List<ActiveLink> entered =
                diff.opened().stream().map(link -> enter(link, tried)).toList();
        // The new listen before the old close: a link may be moving from one port to another.
        return shared.turns()
                .each(entered, ActiveLink::openListeners)
                .compose(opening -> Future.join(tried))
                .transform(opened -> shared.turns().each(diff.removed(), this::remove));
    }

    private ActiveLink enter(Link link, List<Future<Void>> tried) {
        ActiveLink entering = leaving.remove(link.listen());
        if (entering == null) {
            entering = new ActiveLink(shared, link, () -> emptied(link.listen()));
        } else {
            entering.comeBack(link);
        }
        current.put(link.listen(), entering);
        tried.add(entering.enterTable());
        return entering;
    }

    private void remove(Link link) {
        ActiveLink removed = current.remove(link.listen());
        leaving.put(link.listen(), removed);
        removed.leaveTable();
        emptied(link.listen());
    }

    /** A link that is leaving ends with its last connection. */
    private void emptied(int listen) {
        ActiveLink link = leaving.get(listen);
        if (link != null && link.open() == 0) {
            leaving.remove(listen).close();
        }
    }

    /** Whether a link of the table listens on this address. */
    public boolean listenOn(InetSocketAddress address) {
        return current.containsKey(address.getPort())
                && shared.addresses().cover(address.getAddress(), localAddresses::contains);
    }
}
