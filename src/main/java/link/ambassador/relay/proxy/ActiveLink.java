package link.ambassador.relay.proxy;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.Dial;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.Drain;
import link.ambassador.relay.join.LinkCounters;
import link.ambassador.relay.join.ProxiedConnection;
import link.ambassador.relay.tls.LinkTls;

/**
 * A link that is served: its listeners, its sessions, and what it knows of its targets. Its counters and that knowledge
 * outlive a change of the table.
 */
public final class ActiveLink {
    private final LinkContext shared;
    private final LinkCounters counters = new LinkCounters();
    private final OpenSessions sessions;
    private final LinkListeners listeners;
    private final FileDescriptors.Share descriptors;
    private final Upstreams upstreams;
    private final LinkHealth checks;
    private final LinkChanges changes;
    private final LinkHold hold;
    private final Acceptor acceptor;
    private final Runnable emptied;

    /** As it is served. */
    private Link link;

    /** As the newest table has it. */
    private Link ofTable;

    private ProxiedConnection.Settings settings;
    private long retargets;

    /** Null until its targets first changed. */
    private RetargetOutcome latestRetarget;

    /** Null until the link first has TLS. */
    private LinkTls tls;

    /** Null until a table first asks for one. */
    private LinkPreflight preflight;

    /** @param emptied called whenever the last connection has ended */
    ActiveLink(LinkContext shared, Link link, Runnable emptied) {
        this.shared = shared;
        this.link = link;
        this.ofTable = link;
        this.settings = settings(link);
        this.emptied = emptied;
        Drain drain = new Drain(shared.loop(), shared.turns());
        this.sessions = new OpenSessions(shared.turns(), drain);
        this.hold = new LinkHold(shared, this::describe, this::dial, this::holdExpired);
        this.changes = new LinkChanges(shared.turns(), sessions.all(), drain, hold);
        this.descriptors = shared.limits().descriptors().share();
        changeTls(link);
        this.upstreams = new Upstreams(shared, descriptors, this::link, () -> tls);
        this.checks = new LinkHealth(
                new LinkHealth.Parts(shared, upstreams.health(), upstreams.connector(), descriptors, sessions));
        this.acceptor = new Acceptor(new Acceptor.Parts(
                shared.limits().budget(),
                descriptors,
                counters,
                hold,
                this::link,
                () -> tls,
                sessions::size,
                this::begin));
        this.listeners = new LinkListeners(shared, acceptor::accepted);
        hold.change(link.hold());
        if (link.preflight().isPresent()) {
            changePreflight(link);
        }
        checks.change(link);
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

    /** What it knows by its health check. */
    LinkHealth checks() {
        return checks;
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
        checks.close();
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

    /** How often its targets changed. */
    public long retargets() {
        return retargets;
    }

    public List<LinkListener> listeners() {
        return listeners.all();
    }

    /** What the latest change of its targets did to its connections; empty while there was none. */
    Optional<RetargetOutcome> latestRetarget() {
        return Optional.ofNullable(latestRetarget);
    }

    public boolean isListening() {
        return listeners.areListening();
    }

    /** Whether each listener was tried at least once. */
    public boolean isTried() {
        return listeners.areTried();
    }

    /** The link entered the table: makes its listeners, which do not listen yet. Completes when each was tried. */
    Future<Void> enterTable() {
        descriptors.enterTable();
        return listeners.make(link.listen());
    }

    void openListeners() {
        listeners.open();
    }

    /** Accepts no more connections; open ones stay. */
    public void closeListeners() {
        listeners.close();
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
            preflight = new LinkPreflight(shared, descriptors, this::link, () -> tls, upstreams.headers(), this::serve);
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
        upstreams.headers().retain(otherHeader ? List.of() : next.targets());
        link = next;
        settings = settings(next);
        if (retarget.isChange()) {
            retargets++;
            latestRetarget = sessions.outcomeOf(retarget, next.existingConnections());
            upstreams.health().retain(next.targets());
        }
        if (otherTls) {
            // What was learned of the targets may be about their certificates.
            upstreams.health().retain(List.of());
            upstreams.health().retain(next.targets());
        }
        checks.change(next);
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
        sessions.drain(endNanos, atTheEnd);
    }

    public int open() {
        return sessions.size();
    }

    /** Its connections. */
    OpenSessions sessions() {
        return sessions;
    }

    LinkChanges changes() {
        return changes;
    }

    private void begin(Channel downstream) {
        checks.connectionBegan();
        Session session = new Session(this, downstream, settings, counters.openedTotal(), changes.count());
        sessions.add(session);
        counters.opened();
        dialOrHold(session);
    }

    /** Whether a connection to a target is what the link wants now: with TLS and its header, or without TLS; and to a healthy target. */
    boolean isWanted(Dial.Connected upstream) {
        return upstreams.isWanted(upstream) && checks.isWanted(upstream.target());
    }

    /** How it reaches its targets. */
    Upstreams upstreams() {
        return upstreams;
    }

    /** Dials the current targets for a session; or makes it wait, if the link is held. */
    void dialOrHold(Session session) {
        if (!hold.keeps(session)) {
            dial(session);
        }
    }

    private void dial(Session session) {
        session.connection().run(() -> session.follow(upstreams.dial(session, preflight)));
    }

    void ended(Session session, CloseReason reason) {
        sessions.remove(session);
        descriptors.release(FileDescriptors.PER_CONNECTION);
        counters.closed(reason);
        checks.connectionEnded(session);
        if (sessions.isEmpty()) {
            emptied.run();
        }
    }
}
