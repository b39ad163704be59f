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
            ContextInternal context,
            Turns turns,
            RelayTransport transport,
            NetClient client,
            Resolver resolver,
            SelfConnect selfConnect,
            Limits limits,
            ListenAddresses addresses,
            Predicate<InetSocketAddress> isOwnListener,
            Runnable acceptFailed) {
        EventLoop loop() {
            return context.nettyEventLoop();
        }
    }

    /** What bounds all links of a relay together. */
    public record Limits(ByteBudget budget, PipePool pipes, FileDescriptors descriptors) {}

    private static final Logger LOG = Logger.getLogger(ActiveLink.class.getName());

    private final Shared shared;
    private final LinkCounters counters = new LinkCounters();
    private final TargetHealth health = new TargetHealth();
    private final Map<DialResult, Long> dials = new EnumMap<>(DialResult.class);
    private final Set<Session> sessions = new HashSet<>();
    private final Map<Target, Integer> openByTarget = new HashMap<>();
    private final List<LinkListener> listeners = new ArrayList<>();
    private final FileDescriptors.Share descriptors;
    private final Dialer dialer;
    private final Drain drain;
    private final LinkChanges changes;
    private final Runnable emptied;
    private Link link;
    private ProxiedConnection.Settings settings;
    private long retargets;

    /** @param emptied told whenever no connection is open any more */
    ActiveLink(Shared shared, Link link, Runnable emptied) {
        this.shared = shared;
        this.link = link;
        this.settings = settings(link);
        this.emptied = emptied;
        this.drain = new Drain(shared.loop(), shared.turns());
        this.changes = new LinkChanges(shared.turns(), sessions, drain);
        this.descriptors = shared.limits().descriptors().share();
        this.dialer = new Dialer(
                shared.loop(),
                shared.resolver(),
                new UpstreamConnector(shared.client(), shared.context(), shared.selfConnect(), descriptors),
                health,
                shared.isOwnListener(),
                (target, result) -> dials.merge(result, 1L, Long::sum));
    }

    private ProxiedConnection.Settings settings(Link of) {
        return new ProxiedConnection.Settings(
                shared.limits().budget(), shared.limits().pipes(), counters, of.halfCloseTimeout(), of.idleTimeout());
    }

    /** As the newest table has it; as the last one had it when it is leaving. */
    public Link link() {
        return link;
    }

    public LinkCounters counters() {
        return counters;
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
        settings = settings(next);
        if (retarget.isChange()) {
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

    /** Closes each connection when it is idle, and ends the rest when the time is up. */
    public void drain(long endNanos, CloseReason atTheEnd) {
        shared.turns().each(sessions, session -> {
            if (!session.isEnded()) {
                drain.begin(session.connection(), endNanos, atTheEnd);
            }
        });
    }

    public int open() {
        return sessions.size();
    }

    public int draining() {
        return drain.size();
    }

    /** How many connections each target has now, whether or not it is in the table still. */
    public Map<Target, Integer> openByTarget() {
        return openByTarget;
    }

    LinkChanges changes() {
        return changes;
    }

    void connected(Target target) {
        openByTarget.merge(target, 1, Integer::sum);
    }

    private void accepted(Channel downstream) {
        if (link.maxConnections().isPresent()
                && sessions.size() >= link.maxConnections().getAsInt()) {
            refuse(downstream, CloseReason.MAX_CONNECTIONS);
        } else if (!shared.limits().budget().hasRoom()) {
            refuse(downstream, CloseReason.OVER_BUDGET);
        } else if (!descriptors.take(FileDescriptors.PER_CONNECTION)) {
            refuse(downstream, CloseReason.FILE_DESCRIPTORS);
        } else {
            Session session = new Session(this, downstream, settings, changes.count());
            sessions.add(session);
            counters.opened();
            dial(session);
        }
    }

    /** Dials the targets of now for it. */
    void dial(Session session) {
        session.connection().run(() -> session.follow(dialer.dial(link.targets(), link.connectTimeout())));
    }

    private void refuse(Channel downstream, CloseReason reason) {
        counters.refused(reason);
        LOG.fine(() -> link.alias() + ": " + downstream.remoteAddress() + " refused: " + reason.sentence());
        ProxiedConnection.refuse(downstream);
    }

    void ended(Session session, CloseReason reason) {
        sessions.remove(session);
        session.target().ifPresent(target -> openByTarget.merge(target, -1, ActiveLink::sumUnlessNone));
        descriptors.giveBack(FileDescriptors.PER_CONNECTION);
        drain.ended(session.connection());
        counters.closed(reason);
        if (sessions.isEmpty()) {
            emptied.run();
        }
    }

    private static Integer sumUnlessNone(int one, int other) {
        return one + other == 0 ? null : one + other;
    }
}
