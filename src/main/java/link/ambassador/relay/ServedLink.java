package link.ambassador.relay;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.logging.Logger;
import link.ambassador.link.ExistingConnections;
import link.ambassador.link.Link;
import link.ambassador.link.Target;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.dial.Dialer;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.join.ByteBudget;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.Drain;
import link.ambassador.relay.join.Join;
import link.ambassador.relay.join.Pipes;
import link.ambassador.relay.join.RelaySockets;
import link.ambassador.relay.join.SelfConnect;
import link.ambassador.relay.join.Traffic;
import link.ambassador.relay.names.Names;

/**
 * One link as it is served: its listeners, its connections, and what is known of its targets. What it counted and learned
 * outlives a change of the table.
 */
final class ServedLink {
    /** What all links of a relay share. */
    record Shared(
            EventLoop loop,
            RelaySockets sockets,
            Names names,
            SelfConnect selfConnect,
            ByteBudget budget,
            Pipes pipes,
            FileDescriptors descriptors,
            ListenAddresses addresses,
            Predicate<InetSocketAddress> ownListener,
            Runnable acceptFailed) {}

    private static final Logger LOG = Logger.getLogger(ServedLink.class.getName());

    private final Shared shared;
    private final Traffic traffic = new Traffic();
    private final TargetHealth health = new TargetHealth();
    private final Map<DialResult, Long> dials = new EnumMap<>(DialResult.class);
    private final Set<Connection> connections = new HashSet<>();
    private final List<LinkListener> listeners = new ArrayList<>();
    private final FileDescriptors.Share descriptors;
    private final Dialer<Channel> dialer;
    private final Drain drain;
    private final Runnable emptied;
    private Link link;
    private long retargets;

    /** @param emptied told whenever no connection is open any more */
    ServedLink(Shared shared, Link link, Runnable emptied) {
        this.shared = shared;
        this.link = link;
        this.emptied = emptied;
        this.drain = new Drain(shared.loop());
        this.descriptors = shared.descriptors().share();
        this.dialer = new Dialer<>(
                shared.loop(),
                shared.names(),
                new UpstreamConnector(shared.loop(), shared.sockets(), shared.selfConnect(), descriptors),
                health,
                shared.ownListener(),
                (target, result, nanos) -> dials.merge(result, 1L, Long::sum));
    }

    /** As the newest table has it; as the last one had it when it is leaving. */
    Link link() {
        return link;
    }

    Traffic traffic() {
        return traffic;
    }

    TargetHealth health() {
        return health;
    }

    Map<DialResult, Long> dialsByResult() {
        return dials;
    }

    List<LinkListener> listeners() {
        return listeners;
    }

    /** How often its targets changed. */
    long retargets() {
        return retargets;
    }

    boolean isListening() {
        return listeners.stream().allMatch(listener -> listener.state() == LinkListener.State.LISTENING);
    }

    /** Whether each listener was tried at least once. */
    boolean isTried() {
        return listeners.stream().noneMatch(listener -> listener.state() == LinkListener.State.BINDING);
    }

    /** Opens the listeners; {@code settled} is told after each try. */
    void open(Runnable settled) {
        listeners.clear();
        descriptors.join();
        for (String host : shared.addresses().hosts()) {
            listeners.add(new LinkListener(shared, host, link.listen(), this::accepted, settled));
        }
        listeners.forEach(LinkListener::open);
    }

    /** Accepts no more; what is open stays. */
    void closeListeners() {
        listeners.forEach(LinkListener::close);
    }

    /** The link is as {@code next} says from now on; listeners are not touched. */
    void change(Link next) {
        Retarget retarget = new Retarget(link.targets(), next.targets());
        link = next;
        if (retarget.isOne()) {
            retargets++;
            health.retain(next.targets());
        }
        List<Connection> affected = new ArrayList<>();
        // A copy: a dial that begins anew may fail at once.
        for (Connection connection : List.copyOf(connections)) {
            if (connection.isDialling() && retarget.isOne()) {
                connection.join().run(() -> connection.redial(next.targets()));
            }
            if (connection.isDrainedByRetarget()) {
                changeDrain(connection);
            } else if (connection.target().filter(retarget::affects).isPresent()) {
                affected.add(connection);
            }
        }
        treat(affected, retarget);
    }

    /** What the newest table means for a connection that drains because of an earlier one. */
    private void changeDrain(Connection connection) {
        if (link.existingConnections() == ExistingConnections.CLOSE && !connection.isSparedBy(link.targets())) {
            connection.join().reset(CloseReason.RETARGETED);
        } else if (link.existingConnections() == ExistingConnections.KEEP || connection.isSparedBy(link.targets())) {
            connection.drainedBy(null);
            drain.spare(connection.join());
        }
    }

    /** The link is gone from the table: its connections are treated as it said itself. */
    void leave() {
        closeListeners();
        descriptors.leave();
        treat(List.copyOf(connections), new Retarget(link.targets(), List.of()));
    }

    private void treat(Collection<Connection> affected, Retarget retarget) {
        switch (link.existingConnections()) {
            case KEEP -> {}
            case CLOSE -> affected.forEach(connection -> connection.join().reset(CloseReason.RETARGETED));
            case DRAIN -> {
                affected.forEach(connection -> connection.drainedBy(retarget));
                drain.begin(joins(affected), link.drainTimeout(), CloseReason.DRAIN_TIMEOUT);
            }
        }
    }

    /** Closes each connection when it is idle, and resets the rest when the time is up. */
    void drain(Duration timeout, CloseReason atTheEnd) {
        drain.begin(joins(connections), timeout, atTheEnd);
    }

    private static List<Join> joins(Collection<Connection> connections) {
        return connections.stream().map(Connection::join).toList();
    }

    int open() {
        return connections.size();
    }

    int draining() {
        return drain.size();
    }

    /** How many connections each target has now, whether or not it is in the table still. */
    Map<Target, Integer> openByTarget() {
        Map<Target, Integer> open = new HashMap<>();
        connections.forEach(connection -> connection.target().ifPresent(target -> open.merge(target, 1, Integer::sum)));
        return open;
    }

    private void accepted(Channel downstream) {
        if (link.maxConnections().isPresent()
                && connections.size() >= link.maxConnections().getAsInt()) {
            refuse(downstream, CloseReason.MAX_CONNECTIONS);
        } else if (!shared.budget().hasRoom()) {
            refuse(downstream, CloseReason.OVER_BUDGET);
        } else if (!descriptors.take(FileDescriptors.PER_CONNECTION)) {
            refuse(downstream, CloseReason.FILE_DESCRIPTORS);
        } else {
            Join.Settings settings = new Join.Settings(
                    shared.budget(), shared.pipes(), traffic, link.halfCloseTimeout(), link.idleTimeout());
            Connection connection = new Connection(this, downstream, settings);
            connections.add(connection);
            traffic.opened();
            connection.join().run(() -> connection.follow(dialer.dial(link.targets(), link.connectTimeout())));
        }
    }

    private void refuse(Channel downstream, CloseReason reason) {
        traffic.refused(reason);
        LOG.fine(() -> link.alias() + ": " + downstream.remoteAddress() + " refused: " + reason.sentence());
        Join.refuse(downstream);
    }

    void ended(Connection connection, CloseReason reason) {
        connections.remove(connection);
        descriptors.giveBack(FileDescriptors.PER_CONNECTION);
        drain.ended(connection.join());
        traffic.closed(reason);
        if (connections.isEmpty()) {
            emptied.run();
        }
    }
}
