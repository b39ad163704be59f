package link.ambassador.relay.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.NetClient;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import link.ambassador.config.DownstreamProxyProtocol;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Failover;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.Dial;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.dns.Resolver;
import link.ambassador.relay.join.ByteBudget;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.Drain;
import link.ambassador.relay.join.LinkCounters;
import link.ambassador.relay.join.PipePool;
import link.ambassador.relay.join.PipelineLeg;
import link.ambassador.relay.join.ProxiedConnection;
import link.ambassador.relay.join.RelayTransport;
import link.ambassador.relay.join.SelfConnect;
import link.ambassador.relay.join.Turns;
import link.ambassador.relay.probe.CredentialFiles;
import link.ambassador.relay.proxyprotocol.Pod;
import link.ambassador.relay.proxyprotocol.ReceivedHeader;
import link.ambassador.relay.tls.LinkTls;
import link.ambassador.relay.tls.RelayTls;
import link.ambassador.relay.tls.TlsFailure;

/**
 * A link that is served: its listeners, its sessions, and what it knows of its targets. Its counters and that knowledge
 * outlive a change of the table.
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
            Releases releases,
            ListenAddresses addresses,
            Supplier<RelayTls> tls,
            CredentialFiles credentials,
            Pod pod,
            Predicate<InetSocketAddress> isOwnListener,
            Runnable acceptFailed) {
        EventLoop loop() {
            return context.nettyEventLoop();
        }

        /** For connects that are for no downstream: nothing is counted, and no target is ejected because of them. */
        Dial.Shared uncountedDials(Dial.Connector connector) {
            return new Dial.Shared(
                    loop(),
                    resolver,
                    connector,
                    new TargetHealth(),
                    isOwnListener,
                    (target, result) -> {},
                    change -> {});
        }
    }

    /** What bounds all links of a relay together. */
    public record Limits(ByteBudget budget, PipePool pipes, FileDescriptors descriptors) {}

    private static final Logger LOG = Logger.getLogger(ActiveLink.class.getName());

    private final Shared shared;
    private final LinkCounters counters = new LinkCounters();
    private final TargetHealth health = new TargetHealth();
    private final Map<DialResult, Long> dialsByResult = new EnumMap<>(DialResult.class);
    private final Set<Session> sessions = new HashSet<>();
    private final Map<Target, Integer> openByTarget = new HashMap<>();
    private final List<LinkListener> listeners = new ArrayList<>();
    private final FileDescriptors.Share descriptors;
    private final UpstreamConnector connector;
    private final Dial.Shared dials;
    private final Drain drain;
    private final LinkChanges changes;
    private final LinkHold hold;
    private final UpstreamHeaders headers;
    private final Runnable emptied;

    /** As it is served. */
    private Link link;

    /** As the newest table has it. */
    private Link ofTable;

    private ProxiedConnection.Settings settings;
    private long retargets;
    private int retrying;
    /** Null until the link first has TLS. */
    private LinkTls tls;

    /** Null until a table first asks for one. */
    private LinkPreflight preflight;

    /** Null until the link first has a health check. */
    private LinkHealth checks;

    private int handshakes;

    /** @param emptied called whenever the last connection has ended */
    ActiveLink(Shared shared, Link link, Runnable emptied) {
        this.shared = shared;
        this.link = link;
        this.ofTable = link;
        this.settings = settings(link);
        this.emptied = emptied;
        this.drain = new Drain(shared.loop(), shared.turns());
        this.hold = new LinkHold(shared, this::describe, this::dial, this::holdExpired);
        this.changes = new LinkChanges(shared.turns(), sessions, drain, hold);
        this.descriptors = shared.limits().descriptors().share();
        this.headers = new UpstreamHeaders(shared.pod());
        changeTls(link);
        this.connector = new UpstreamConnector(
                shared.client(),
                shared.context(),
                shared.selfConnect(),
                descriptors,
                this::link,
                () -> tls,
                headers,
                false);
        this.dials = new Dial.Shared(
                shared.loop(),
                shared.resolver(),
                connector,
                health,
                shared.isOwnListener(),
                (target, result) -> dialsByResult.merge(result, 1L, Long::sum),
                change -> retrying += change);
        hold.change(link.hold());
        if (link.preflight().isPresent()) {
            changePreflight(link);
        }
        changeHealth(link);
    }

    private ProxiedConnection.Settings settings(Link of) {
        return new ProxiedConnection.Settings(
                shared.limits().budget(), shared.limits().pipes(), counters, of.halfCloseTimeout(), of.idleTimeout());
    }

    private void changeTls(Link to) {
        if (tls == null && to.hasTls()) {
            tls = new LinkTls(shared.tls().get());
        }
        if (tls != null) {
            tls.change(to);
        }
    }

    private void changeHealth(Link to) {
        if (checks == null && to.healthCheck().isPresent()) {
            checks = new LinkHealth(
                    new LinkHealth.Parts(shared, health, connector, descriptors, sessions::size, this::leave));
        }
        if (checks != null) {
            checks.change(to);
        }
    }

    /** What it knows by its health check; empty if it never had one. */
    public Optional<HealthSnapshot> checks() {
        return Optional.ofNullable(checks).map(LinkHealth::snapshot);
    }

    /** A target is unhealthy, or a preferred one is healthy again: the failover decides about its connections. */
    private void leave(Target target, String why) {
        ExistingConnections policy =
                link.failover().map(Failover::existingConnections).orElse(ExistingConnections.KEEP);
        LOG.info(() -> describe() + " leaves " + target + " (" + why + "); its connections: " + policy.word());
        if (policy == ExistingConnections.KEEP) {
            return;
        }
        long endNanos = System.nanoTime() + link.drainTimeout().toNanos();
        shared.turns().each(sessions, session -> {
            if (session.isEnded() || !session.target().equals(Optional.of(target))) {
                return;
            }
            if (policy == ExistingConnections.CLOSE) {
                session.connection().reset(CloseReason.FAILED_OVER);
            } else {
                session.drainedByFailover();
                drain.begin(session.connection(), endNanos, CloseReason.DRAIN_TIMEOUT);
            }
        });
    }

    /** Its TLS; empty if it never had any. */
    Optional<LinkTls> tls() {
        return Optional.ofNullable(tls);
    }

    /** Its last connection has ended, and it is in no table. */
    void close() {
        if (tls != null) {
            tls.close();
        }
        if (checks != null) {
            checks.close();
        }
    }

    /**
     * As it is served: as the newest table has it, but with its former targets while it is not known that the new ones answer; as the last
     * table had it, if it is leaving.
     */
    public Link link() {
        return link;
    }

    /** As the newest table has it. */
    Link ofTable() {
        return ofTable;
    }

    public LinkCounters counters() {
        return counters;
    }

    public TargetHealth health() {
        return health;
    }

    public Map<DialResult, Long> dialsByResult() {
        return dialsByResult;
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

    /** The link entered the table: makes its listeners, which do not listen yet. Completes when each was tried. */
    Future<Void> enterTable() {
        descriptors.enterTable();
        listeners.clear();
        Promise<Void> tried = Promise.promise();
        Runnable onTried = () -> {
            if (isTried()) {
                tried.tryComplete();
            }
        };
        for (String host : shared.addresses().hosts()) {
            listeners.add(new LinkListener(shared, host, link.listen(), this::accepted, onTried));
        }
        return tried.future();
    }

    void openListeners() {
        listeners.forEach(LinkListener::open);
    }

    /** Accepts no more connections; open ones stay. */
    public void closeListeners() {
        listeners.forEach(LinkListener::close);
    }

    /** The table has {@code next}. The listeners stay. */
    void change(Link next) {
        ofTable = next;
        if (preflight == null && next.preflight().isEmpty()) {
            serve(next);
        } else {
            changePreflight(next);
        }
    }

    /** The link is in the table again. It has no listeners, so it does not keep its former targets. */
    void comeBack(Link next) {
        serve(next);
        change(next);
    }

    private void changePreflight(Link next) {
        if (preflight == null) {
            preflight = new LinkPreflight(shared, descriptors, this::link, () -> tls, headers, this::serve);
        }
        preflight.change(next, hold.isHolding());
    }

    private void serve(Link next) {
        Retarget retarget = new Retarget(link.targets(), next.targets());
        boolean otherHeader = !next.upstreamProxyProtocol().equals(link.upstreamProxyProtocol());
        // With TLS the header has been sent when a connect is done; without, it is sent then.
        boolean otherTls = !next.upstreamTls().equals(link.upstreamTls())
                || (otherHeader && next.upstreamTls().isPresent());
        changeTls(next);
        headers.retain(otherHeader ? List.of() : next.targets());
        link = next;
        settings = settings(next);
        if (retarget.isChange()) {
            retargets++;
            health.retain(next.targets());
        }
        if (otherTls) {
            // What was learned of the targets may be about their certificates.
            health.retain(List.of());
            health.retain(next.targets());
        }
        changeHealth(next);
        Optional<Hold> begun = hold.change(next.hold());
        changes.add(LinkChanges.Change.to(next, retarget, otherTls, begun, hold.isHolding()));
    }

    /** The link left the table. Its own existingConnections decides about its connections. */
    void leaveTable() {
        closeListeners();
        if (preflight != null) {
            preflight.close();
        }
        descriptors.leaveTable();
        hold.end();
        changes.add(LinkChanges.Change.end(link));
    }

    /** Whether new connections try this target first. */
    boolean prefers(Target target) {
        return target.equals(link.targets().get(0));
    }

    private String describe() {
        return link.alias() + " on port " + link.listen();
    }

    private void holdExpired() {
        changes.add(LinkChanges.Change.holdExpired(link));
    }

    public LinkHold hold() {
        return hold;
    }

    /** The relay shuts down: no connection waits any longer, and the link stays as it is served. */
    public void shutDown() {
        hold.shutDown();
        if (preflight != null) {
            preflight.shutDown();
        }
    }

    /** Empty if no target is or was dialled for what the table says. */
    Optional<PreflightSnapshot> preflight() {
        return preflight == null ? Optional.empty() : preflight.snapshot();
    }

    /** Drains every connection: closes each when it is idle, and ends the rest at {@code endNanos}. */
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

    /** How many connections wait because every target has failed, and are dialled again. */
    public int retrying() {
        return retrying;
    }

    /** How many connections each target has now, including targets that left the table. */
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
                && sessions.size() + handshakes >= link.maxConnections().getAsInt()) {
            refuse(downstream, CloseReason.MAX_CONNECTIONS);
        } else if (hold.refusesOneMore()) {
            refuse(downstream, CloseReason.HOLD_OVERFLOW);
        } else if (!shared.limits().budget().hasRoom()) {
            refuse(downstream, CloseReason.OVER_BUDGET);
        } else if (!descriptors.acquire(FileDescriptors.PER_CONNECTION)) {
            refuse(downstream, CloseReason.FILE_DESCRIPTORS);
        } else if (link.downstreamProxyProtocol().isPresent()) {
            receiveHeader(downstream, link.downstreamProxyProtocol().get());
        } else {
            secureOrBegin(downstream);
        }
    }

    private void receiveHeader(Channel downstream, DownstreamProxyProtocol wanted) {
        handshakes++;
        ReceivedHeader.of(downstream, wanted).onComplete(answer -> {
            handshakes--;
            if (answer.succeeded()) {
                secureOrBegin(downstream);
                return;
            }
            descriptors.release(FileDescriptors.PER_CONNECTION);
            counters.refused(CloseReason.PROXY_HEADER);
            LOG.fine(() -> link.alias() + ": " + downstream.remoteAddress() + " refused: it "
                    + answer.cause().getMessage());
            ProxiedConnection.refuse(downstream);
        });
    }

    private void secureOrBegin(Channel downstream) {
        if (link.downstreamTls().isPresent()) {
            secure(downstream);
        } else {
            if (tls != null) {
                tls.acceptedInClearText(downstream);
            }
            begin(downstream);
        }
    }

    private void secure(Channel downstream) {
        handshakes++;
        tls.accepted(downstream).onComplete(answer -> {
            handshakes--;
            if (answer.succeeded()) {
                begin(downstream);
                return;
            }
            descriptors.release(FileDescriptors.PER_CONNECTION);
            TlsFailure failure = (TlsFailure) answer.cause();
            counters.refused(closeReason(failure.reason()));
            LOG.fine(() -> link.alias() + ": " + downstream.remoteAddress() + " refused: it " + failure.getMessage());
        });
    }

    private static CloseReason closeReason(TlsFailure.Reason reason) {
        return switch (reason) {
            case NOT_OFFERED -> CloseReason.NOT_TLS;
            case UNTRUSTED, NAME, EXPIRED, NO_CERTIFICATE -> CloseReason.IDENTITY;
            case ALERT, TIMEOUT, OWN_CERTIFICATE, FAILED -> CloseReason.HANDSHAKE;
        };
    }

    private void begin(Channel downstream) {
        if (checks != null) {
            checks.connectionBegan();
        }
        Session session = new Session(this, downstream, settings, counters.openedTotal(), changes.count());
        sessions.add(session);
        counters.opened();
        dialOrHold(session);
    }

    /** Whether a connection to a target is what the link wants now: with TLS and its header, or without TLS; and to a healthy target. */
    boolean isWanted(Dial.Connected upstream) {
        boolean secured = PipelineLeg.isOn(upstream.channel());
        return link.upstreamTls().isPresent() == secured
                && (!secured || UpstreamHeaders.wasSent(upstream.channel(), link.upstreamProxyProtocol()))
                && (checks == null || checks.isWanted(upstream.target()));
    }

    boolean sendsHeader() {
        return link.upstreamProxyProtocol().isPresent();
    }

    /** Whether a connection to a target begins with a header when it is there: with TLS, it has been sent by then. */
    boolean sendsHeaderFirst() {
        return sendsHeader() && link.upstreamTls().isEmpty();
    }

    ByteBuf headerFor(Channel accepted) {
        return headers.header(accepted, link.upstreamProxyProtocol().orElseThrow());
    }

    UpstreamHeaders headers() {
        return headers;
    }

    /** The targets that seem to expect no header: they closed the latest connections soon after it, and keep none. */
    Set<Target> closingAtHeader() {
        Set<Target> closing = headers.closingSoon();
        return closing.isEmpty()
                ? closing
                : closing.stream()
                        .filter(target -> sessions.stream().noneMatch(session -> session.isKeptBy(target)))
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** Dials the current targets for a session; or makes it wait, if the link is held. */
    void dialOrHold(Session session) {
        if (!hold.keeps(session)) {
            dial(session);
        }
    }

    private void dial(Session session) {
        session.connection().run(() -> session.follow(startDial(session)));
    }

    private Dial startDial(Session session) {
        if (preflight != null) {
            Optional<Dial.Connected> waiting = preflight.take();
            if (waiting.isPresent()) {
                return Dial.connected(dials, waiting.get());
            }
        }
        return Dial.start(
                dials, session.connection().accepted(), link.targets(), link.connectTimeout(), link.whenUnavailable());
    }

    private void refuse(Channel downstream, CloseReason reason) {
        counters.refused(reason);
        LOG.fine(() -> link.alias() + ": " + downstream.remoteAddress() + " refused: " + reason.sentence());
        ProxiedConnection.refuse(downstream);
    }

    void ended(Session session, CloseReason reason) {
        sessions.remove(session);
        session.target().ifPresent(target -> openByTarget.merge(target, -1, ActiveLink::sumUnlessZero));
        descriptors.release(FileDescriptors.PER_CONNECTION);
        drain.ended(session.connection());
        counters.closed(reason);
        if (checks != null) {
            checks.connectionEnded();
            session.target().filter(target -> session.connection().isAnswered()).ifPresent(checks::answered);
        }
        if (sessions.isEmpty()) {
            emptied.run();
        }
    }

    /** Null removes the entry from the map. */
    private static Integer sumUnlessZero(int one, int other) {
        return one + other == 0 ? null : one + other;
    }
}
