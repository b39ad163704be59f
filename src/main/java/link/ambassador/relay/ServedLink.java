package link.ambassador.relay;

import io.netty.channel.EventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.link.Link;
import link.ambassador.link.Target;
import link.ambassador.relay.dial.Dial;
import link.ambassador.relay.dial.DialException;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.dial.Dialer;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.join.ByteBudget;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.Drain;
import link.ambassador.relay.join.Join;
import link.ambassador.relay.join.Traffic;
import link.ambassador.relay.names.Names;

/** One link as it is served: its listeners, its connections, and what is known of its targets. */
final class ServedLink {
    /** What all links of a relay share. */
    record Shared(
            Vertx vertx,
            EventLoop loop,
            Names names,
            ByteBudget budget,
            ServerChannels channels,
            ListenAddresses addresses,
            Predicate<java.net.InetSocketAddress> ownListener) {}

    private static final Logger LOG = Logger.getLogger(ServedLink.class.getName());

    private final Shared shared;
    private final Link link;
    private final Traffic traffic = new Traffic();
    private final TargetHealth health = new TargetHealth();
    private final Map<DialResult, Long> dials = new EnumMap<>(DialResult.class);
    private final Set<Join> joins = new HashSet<>();
    private final List<LinkListener> listeners = new ArrayList<>();
    private final UpstreamConnector connector;
    private final Dialer<NetSocket> dialer;

    ServedLink(Shared shared, Link link) {
        this.shared = shared;
        this.link = link;
        this.connector = new UpstreamConnector(shared.vertx(), link.connectTimeout());
        this.dialer = new Dialer<>(
                shared.loop(),
                shared.names(),
                connector,
                health,
                shared.ownListener(),
                (target, result, nanos) -> dials.merge(result, 1L, Long::sum));
    }

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

    boolean isListening() {
        return listeners.stream().allMatch(listener -> listener.state() == LinkListener.State.LISTENING);
    }

    /** Whether each listener was tried at least once. */
    boolean isTried() {
        return listeners.stream().noneMatch(listener -> listener.state() == LinkListener.State.BINDING);
    }

    /** Opens the listeners; {@code settled} is told after each try. */
    void open(Runnable settled) {
        for (String host : shared.addresses().hosts()) {
            LinkListener listener =
                    new LinkListener(shared.vertx(), host, link.listen(), shared.channels(), this::accepted, settled);
            listeners.add(listener);
            listener.open();
        }
    }

    /** Accepts no more; what is open stays. */
    void closeListeners() {
        listeners.forEach(LinkListener::close);
    }

    /** Closes each connection when it is idle, and resets the rest when the time is up. */
    void drain(Duration timeout, CloseReason atTheEnd) {
        Drain.start(shared.loop(), joins, timeout, atTheEnd);
    }

    int open() {
        return joins.size();
    }

    private void accepted(NetSocket downstream) {
        if (link.maxConnections().isPresent()
                && joins.size() >= link.maxConnections().getAsInt()) {
            refuse(downstream, CloseReason.MAX_CONNECTIONS);
        } else if (!shared.budget().hasRoom()) {
            refuse(downstream, CloseReason.OVER_BUDGET);
        } else {
            new Connection(downstream);
        }
    }

    private void refuse(NetSocket downstream, CloseReason reason) {
        traffic.refused(reason);
        LOG.fine(() -> link.alias() + ": " + downstream.remoteAddress() + " refused: " + reason.sentence());
        Join.refuse(downstream);
    }

    private Join.Settings joinSettings() {
        return new Join.Settings(shared.budget(), traffic, link.halfCloseTimeout(), link.idleTimeout());
    }

    /** One downstream, from accept to the end of both sides. */
    private final class Connection implements Join.Listener {
        private final String downstream;
        private final long openedNanos = System.nanoTime();
        private final Join join;
        private Dial<NetSocket> dial;
        private Target target;

        Connection(NetSocket accepted) {
            downstream = String.valueOf(accepted.remoteAddress());
            join = Join.accept(accepted, joinSettings(), this);
            joins.add(join);
            traffic.opened();
            dial = dialer.dial(link.targets(), link.connectTimeout());
            dial.outcome()
                    .onSuccess(dialled -> {
                        target = dialled.target();
                        join.connected(dialled.connection());
                    })
                    .onFailure(this::connectFailed);
        }

        private void connectFailed(Throwable cause) {
            if (cause instanceof DialException failure && failure.result() == DialResult.CANCELLED) {
                return;
            }
            LOG.fine(() -> link.alias() + ": " + downstream + ": " + cause.getMessage());
            join.connectFailed();
        }

        @Override
        public void abandoned() {
            if (dial != null) {
                dial.cancel();
            }
        }

        @Override
        public void ended(CloseReason reason) {
            joins.remove(join);
            traffic.closed(reason);
            if (LOG.isLoggable(Level.FINE)) {
                long millis = (System.nanoTime() - openedNanos) / 1_000_000;
                LOG.fine(link.alias() + ": " + downstream + " -> " + target + " closed after " + millis + " ms: "
                        + reason.sentence());
            }
        }
    }

    Collection<Join> joins() {
        return joins;
    }

    void close() {
        connector.close();
    }
}
