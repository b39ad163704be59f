package link.ambassador.relay.proxy;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.NetClient;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.logging.Logger;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.dial.Dialer;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.dns.Resolver;
import link.ambassador.relay.join.ByteBudget;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.Drain;
import link.ambassador.relay.join.LinkCounters;
import link.ambassador.relay.join.PipePool;
import link.ambassador.relay.join.ProxiedConnection;
import link.ambassador.relay.join.RelayTransport;
import link.ambassador.relay.join.SelfConnect;
import link.ambassador.relay.join.Turns;

/**
 * One link as it is served: its listeners, its connections, and what is known of its targets. What it counted and learned
 * outlives a change of the table.
 */
public final class ActiveLink {
    /** What all links of a relay share. */
    public record Shared(
            EventLoop loop,
            Turns turns,
            ContextInternal context,
            RelayTransport transport,
            NetClient client,
            Resolver names,
            SelfConnect selfConnect,
            ByteBudget budget,
            PipePool pipes,
            FileDescriptors descriptors,
            ListenAddresses addresses,
            Predicate<InetSocketAddress> ownListener,
            Runnable acceptFailed) {}

    private static final Logger LOG = Logger.getLogger(ActiveLink.class.getName());

    private final Shared shared;
    private final LinkCounters traffic = new LinkCounters();
    private final TargetHealth health = new TargetHealth();
    private final Map<DialResult, Long> dials = new EnumMap<>(DialResult.class);
    private final Set<Session> connections = new HashSet<>();
    private final Map<Target, Integer> openByTarget = new HashMap<>();
    private final List<LinkListener> listeners = new ArrayList<>();
    private final FileDescriptors.Share descriptors;
    private final Dialer<Channel> dialer;
    private final Drain drain;
    private final LinkChanges changes;
    private final Runnable emptied;
    private Link link;
    private long retargets;

    /** @param emptied told whenever no connection is open any more */
    ActiveLink(Shared shared, Link link, Runnable emptied) {
        this.shared = shared;
        this.link = link;
        this.emptied = emptied;
        this.drain = new Drain(shared.loop(), shared.turns());
        this.changes = new LinkChanges(shared.turns(), connections, this::catchUpAndRedial);
        this.descriptors = shared.descriptors().share();
        this.dialer = new Dialer<>(
                shared.loop(),
                shared.names(),
                new UpstreamConnector(shared.client(), shared.context(), shared.selfConnect(), descriptors),
                health,
                shared.ownListener(),
                (target, result, nanos) -> dials.merge(result, 1L, Long::sum));
    }

    /** As the newest table has it; as the last one had it when it is leaving. */
    public Link link() {
        return link;
    }

    public LinkCounters traffic() {
        return traffic;
    }

    public TargetHealth health() {
        return health;
    }

    public Map<DialResult, Long> dialsByResult() {
        return dials;
    }

    public List<LinkListener> listeners() {
        return listeners;
    }

    /** How often its targets changed. */
    public long retargets() {
        return retargets;
    }

    public boolean isListening() {
        return listeners.stream().allMatch(listener -> listener.state() == LinkListener.State.LISTENING);
    }

    /** Whether each listener was tried at least once. */
    public boolean isTried() {
        return listeners.stream().noneMatch(listener -> listener.state() == LinkListener.State.BINDING);
    }

    /** The table has the link: makes its listeners, which do not listen yet; {@code settled} is told after each try. */
    void join(Runnable settled) {
        descriptors.join();
        listeners.clear();
        for (String host : shared.addresses().hosts()) {
            listeners.add(new LinkListener(shared, host, link.listen(), this::accepted, settled));
        }
    }

    void openListeners() {
        listeners.forEach(LinkListener::open);
    }

    /** Accepts no more; what is open stays. */
    public void closeListeners() {
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
        changes.add(LinkChange.to(next, retarget));
    }

    /** The link is gone from the table: its connections are treated as it said itself. */
    void leave() {
        closeListeners();
        descriptors.leave();
        changes.add(LinkChange.end(link));
    }

    /** Whether new connections are to go there first. */
    boolean prefers(Target target) {
        return target.equals(link.targets().get(0));
    }

    /**
     * Does what the changes mean for a connection that it has not seen yet.
     *
     * @return whether it is to be dialled anew
     */
    boolean catchUp(Session connection) {
        boolean redial = false;
        for (LinkChange change : changes.since(connection.changesSeen())) {
            connection.seesOneMoreChange();
            redial |= connection.isDialling() && change.redials();
            see(change, connection);
        }
        return redial && !connection.join().isEnding();
    }

    private void see(LinkChange change, Session connection) {
        switch (change.meansFor(connection)) {
            case NOTHING -> {}
            case RESET -> connection.join().reset(CloseReason.RETARGETED);
            case SPARE -> {
                connection.drainedBy(null);
                drain.spare(connection.join());
            }
            case DRAIN -> {
                connection.drainedBy(change.retarget());
                drain.begin(connection.join(), change.drainEndNanos(), CloseReason.DRAIN_TIMEOUT);
            }
        }
    }

    private void catchUpAndRedial(Session connection) {
        if (!connection.isEnded()) {
            connection.join().run(() -> {
                if (catchUp(connection)) {
                    connection.redial(link.targets());
                }
            });
        }
    }

    /** Closes each connection when it is idle, and ends the rest when the time is up. */
    public void drain(long endNanos, CloseReason atTheEnd) {
        shared.turns().each(connections, connection -> {
            if (!connection.isEnded()) {
                drain.begin(connection.join(), endNanos, atTheEnd);
            }
        });
    }

    public int open() {
        return connections.size();
    }

    public int draining() {
        return drain.size();
    }

    /** How many connections each target has now, whether or not it is in the table still. */
    public Map<Target, Integer> openByTarget() {
        return openByTarget;
    }

    void connected(Target target) {
        openByTarget.merge(target, 1, Integer::sum);
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
            ProxiedConnection.Settings settings = new ProxiedConnection.Settings(
                    shared.budget(), shared.pipes(), traffic, link.halfCloseTimeout(), link.idleTimeout());
            Session connection = new Session(this, downstream, settings, changes.count());
            connections.add(connection);
            traffic.opened();
            dial(connection);
        }
    }

    /** Dials the targets of now for it. */
    void dial(Session connection) {
        connection.join().run(() -> connection.follow(dialer.dial(link.targets(), link.connectTimeout())));
    }

    private void refuse(Channel downstream, CloseReason reason) {
        traffic.refused(reason);
        LOG.fine(() -> link.alias() + ": " + downstream.remoteAddress() + " refused: " + reason.sentence());
        ProxiedConnection.refuse(downstream);
    }

    void ended(Session connection, CloseReason reason) {
        connections.remove(connection);
        connection.target().ifPresent(target -> openByTarget.merge(target, -1, ActiveLink::sumUnlessNone));
        descriptors.giveBack(FileDescriptors.PER_CONNECTION);
        drain.ended(connection.join());
        traffic.closed(reason);
        if (connections.isEmpty()) {
            emptied.run();
        }
    }

    private static Integer sumUnlessNone(int one, int other) {
        return one + other == 0 ? null : one + other;
    }
}
