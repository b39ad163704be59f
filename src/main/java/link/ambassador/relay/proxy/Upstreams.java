package link.ambassador.relay.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.Dial;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.dial.Dials;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.join.PipelineLeg;
import link.ambassador.relay.tls.LinkTls;

/** How one link reaches its targets: its dials, the header that each connection begins with, and what it learned. On the event loop. */
final class Upstreams {
    private final Supplier<Link> link;
    private final UpstreamHeaders headers;
    private final UpstreamConnector connector;
    private final TargetHealth health = new TargetHealth();
    private final Map<DialResult, Long> dialsByResult = new EnumMap<>(DialResult.class);
    private final Dials dials;
    private int retrying;

    /**
     * Dials nothing yet.
     *
     * @param link as it is served
     * @param tls called only when that has TLS
     */
    Upstreams(LinkContext shared, FileDescriptors.Share descriptors, Supplier<Link> link, Supplier<LinkTls> tls) {
        this.link = link;
        this.headers = new UpstreamHeaders(shared.pod());
        this.connector = new UpstreamConnector(
                shared.client(), shared.context(), shared.selfConnect(), descriptors, link, tls, headers, false);
        this.dials = new Dials(
                shared.loop(),
                shared.resolver(),
                connector,
                health,
                shared.isOwnListener(),
                (target, result) -> dialsByResult.merge(result, 1L, Long::sum),
                change -> retrying += change);
    }

    TargetHealth health() {
        return health;
    }

    UpstreamHeaders headers() {
        return headers;
    }

    UpstreamConnector connector() {
        return connector;
    }

    Map<DialResult, Long> dialsByResult() {
        return dialsByResult;
    }

    /** How many connections wait because every target has failed, and are dialled again. */
    int retrying() {
        return retrying;
    }

    /**
     * Dials for a session.
     *
     * @param preflight which may have a connection; null if there is none
     */
    Dial dial(Session session, LinkPreflight preflight) {
        if (preflight != null) {
            Optional<Dial.Connected> waiting = preflight.take();
            if (waiting.isPresent()) {
                return dials.connected(waiting.get());
            }
        }
        Link now = link.get();
        return dials.start(session.connection().accepted(), now.targets(), now.connectTimeout(), now.whenUnavailable());
    }

    /** Whether a connection began as the link wants it now: with TLS and its header, or without TLS. */
    boolean isWanted(Dial.Connected upstream) {
        Link now = link.get();
        boolean secured = PipelineLeg.isOn(upstream.channel());
        return now.upstreamTls().isPresent() == secured
                && (!secured || UpstreamHeaders.wasSent(upstream.channel(), now.upstreamProxyProtocol()));
    }

    boolean sendsHeader() {
        return link.get().upstreamProxyProtocol().isPresent();
    }

    /** Whether a connection to a target begins with a header when it is there: with TLS, it has been sent by then. */
    boolean sendsHeaderFirst() {
        return sendsHeader() && link.get().upstreamTls().isEmpty();
    }

    ByteBuf headerFor(Channel accepted) {
        return headers.header(accepted, link.get().upstreamProxyProtocol().orElseThrow());
    }

    /** The targets that seem to expect no header: they closed the latest connections soon after it, and none of these sessions keeps one. */
    Set<Target> closingAtHeader(Collection<Session> sessions) {
        Set<Target> closing = headers.closingSoon();
        return closing.isEmpty()
                ? closing
                : closing.stream()
                        .filter(target -> sessions.stream().noneMatch(session -> session.isKeptBy(target)))
                        .collect(Collectors.toUnmodifiableSet());
    }
}
