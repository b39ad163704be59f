package link.ambassador.relay.tls;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.Link;
import link.ambassador.config.Printable;
import link.ambassador.config.Target;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.join.PipelineLeg;

/** The TLS of one link, as the newest table has it, and what it knows of its peers. On the event loop. */
public final class LinkTls {
    /** A target with which a handshake was done, at that time. */
    public record Peer(String version, String cipher, String name, Optional<Instant> notAfter) {}

    private final RelayTls tls;
    private final HandshakeCounters counters = new HandshakeCounters();
    private final Map<Target, Peer> peers = new HashMap<>();
    private final OpenByPeer downstreams = new OpenByPeer();
    private Optional<UpstreamTls> upstream = Optional.empty();
    private Optional<DownstreamTls> downstream = Optional.empty();
    private boolean tellsTargets;
    private TlsContext upstreamContext;
    private TlsContext downstreamContext;

    public LinkTls(RelayTls tls) {
        this.tls = tls;
    }

    /** The link is like this from now on. */
    public void change(Link link) {
        if (!link.upstreamTls().equals(upstream)) {
            upstream = link.upstreamTls();
            close(upstreamContext);
            upstreamContext = upstream.map(wanted -> new TlsContext(
                            tls, wanted.clientCertificate(), shown -> Contexts.upstream(wanted, shown, tls)))
                    .orElse(null);
        }
        if (!link.downstreamTls().equals(downstream)) {
            downstream = link.downstreamTls();
            close(downstreamContext);
            downstreamContext = downstream
                    .map(wanted -> new TlsContext(
                            tls, Optional.of(wanted.certificate()), shown -> Contexts.downstream(wanted, shown, tls)))
                    .orElse(null);
        }
        peers.keySet().retainAll(link.targets());
        tellsTargets = link.upstreamProxyProtocol().isPresent();
    }

    /** The link is no longer served. */
    public void close() {
        close(upstreamContext);
        close(downstreamContext);
        upstreamContext = null;
        downstreamContext = null;
        upstream = Optional.empty();
        downstream = Optional.empty();
    }

    private static void close(TlsContext context) {
        if (context != null) {
            context.close();
        }
    }

    public TlsSnapshot snapshot() {
        return new TlsSnapshot(counters.copy(), peers, downstreams.named(), downstreams.others());
    }

    /**
     * Makes a connection to a target one with TLS. Has no timeout: close the channel.
     *
     * @param wanted what the link had when the dial began
     * @return the channel; or {@link TlsFailure}, and the channel is closed
     */
    public Future<Channel> connected(Channel channel, Target target, UpstreamTls wanted) {
        if (!upstream.equals(Optional.of(wanted))) {
            PipelineLeg.reset(channel);
            return Future.failedFuture(
                    new TlsFailure(TlsFailure.Reason.FAILED, "was dialled as an older table had it"));
        }
        long beganNanos = System.nanoTime();
        return upstreamContext
                .get()
                .compose(context -> handshake(context, channel, target, wanted))
                .map(ssl -> {
                    peers.put(target, peer(ssl.engine().getSession()));
                    return channel;
                })
                .onSuccess(done -> counters.done(HandshakeCounters.Side.UPSTREAM, System.nanoTime() - beganNanos))
                .onFailure(cause -> {
                    counters.failed(
                            HandshakeCounters.Side.UPSTREAM,
                            TlsFailure.of(cause).reason());
                    PipelineLeg.closeLater(channel);
                });
    }

    private Future<SslHandler> handshake(SslContext context, Channel channel, Target target, UpstreamTls wanted) {
        String name = wanted.hostname().orElse(withoutDot(target.host()));
        UpstreamNegotiation negotiation =
                switch (wanted.negotiation()) {
                    case DIRECT -> UpstreamNegotiation.NONE;
                    case POSTGRESQL -> PostgresNegotiation::run;
                };
        return TlsHandshake.begin(
                channel, tls, tasks -> context.newHandler(channel.alloc(), name, target.port(), tasks), negotiation);
    }

    /** The dot at the end of a name is for resolvers: no certificate has it (RFC 6066, section 3). */
    private static String withoutDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    /**
     * Makes an accepted connection one with TLS. Waits for a place; ends at the link's handshakeTimeout.
     *
     * @return the channel; or {@link TlsFailure}, and the channel is closed
     */
    public Future<Channel> accepted(Channel channel) {
        Accepted accepted = new Accepted(channel, downstream.orElseThrow());
        accepted.start();
        return accepted.done.future();
    }

    /** Prepares an accepted connection without TLS for the protocol that the link speaks to its targets. */
    public void acceptedInClearText(Channel channel) {
        if (upstream.isPresent() && upstream.get().negotiation() == UpstreamTls.Negotiation.POSTGRESQL) {
            PostgresPrelude.install(channel);
        }
    }

    private final class Accepted implements HandshakePlaces.Handshake {
        private final Promise<Channel> done = Promise.promise();
        private final Channel channel;
        private final boolean isAskedForItsName;
        private final ScheduledFuture<?> timeout;
        private final long beganNanos = System.nanoTime();

        Accepted(Channel channel, DownstreamTls wanted) {
            this.channel = channel;
            this.isAskedForItsName = wanted.clientTrust().isPresent();
            this.timeout = tls.loop()
                    .schedule(
                            () -> fail(new TlsFailure(
                                    TlsFailure.Reason.TIMEOUT,
                                    "did not finish the TLS handshake within handshakeTimeout")),
                            wanted.handshakeTimeout().toNanos(),
                            TimeUnit.NANOSECONDS);
        }

        void start() {
            tls.places().enter(this);
        }

        @Override
        public void begin() {
            if (downstreamContext == null) {
                fail(new TlsFailure(TlsFailure.Reason.FAILED, "came as an older table had the link"));
                return;
            }
            downstreamContext
                    .get()
                    .compose(context -> done.future().isComplete()
                            ? Future.failedFuture("given up")
                            : TlsHandshake.begin(
                                    channel,
                                    tls,
                                    tasks -> context.newHandler(channel.alloc(), tasks),
                                    UpstreamNegotiation.NONE))
                    .onSuccess(ssl -> succeed(ssl.engine().getSession()))
                    .onFailure(cause -> fail(TlsFailure.of(cause)));
        }

        @Override
        public void evicted() {
            fail(new TlsFailure(TlsFailure.Reason.TIMEOUT, "did not finish the TLS handshake while others waited"));
        }

        private void succeed(SSLSession session) {
            if (end()) {
                if (tellsTargets) {
                    channel.attr(DownstreamSession.KEY).set(DownstreamSession.of(session));
                }
                counters.done(HandshakeCounters.Side.DOWNSTREAM, System.nanoTime() - beganNanos);
                if (isAskedForItsName) {
                    Runnable closed = downstreams.opened(peer(session).name());
                    channel.closeFuture().addListener(any -> closed.run());
                }
                done.complete(channel);
            }
        }

        private void fail(TlsFailure failure) {
            if (!end()) {
                return;
            }
            counters.failed(HandshakeCounters.Side.DOWNSTREAM, failure.reason());
            PipelineLeg.closeLater(channel);
            done.fail(failure);
        }

        private boolean end() {
            if (done.future().isComplete()) {
                return false;
            }
            timeout.cancel(false);
            tls.places().leave(this);
            return true;
        }
    }

    private static Peer peer(SSLSession session) {
        String name = "";
        Optional<Instant> notAfter = Optional.empty();
        try {
            Certificate[] chain = session.getPeerCertificates();
            if (chain.length > 0 && chain[0] instanceof X509Certificate leaf) {
                name = PeerNames.of(leaf).toString();
                notAfter = Optional.of(leaf.getNotAfter().toInstant());
            }
        } catch (SSLPeerUnverifiedException noCertificate) {
            // There is no name to show.
        }
        return new Peer(session.getProtocol(), session.getCipherSuite(), Printable.text(name), notAfter);
    }
}
