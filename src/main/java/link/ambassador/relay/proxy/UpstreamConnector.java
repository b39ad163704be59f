package link.ambassador.relay.proxy;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import link.ambassador.config.Link;
import link.ambassador.config.UpstreamProxyProtocol;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.dial.Connector;
import link.ambassador.relay.dial.DialException;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.join.ProxiedConnection;
import link.ambassador.relay.join.SelfConnect;
import link.ambassador.relay.join.UpstreamSocketAddress;
import link.ambassador.relay.tls.LinkTls;
import link.ambassador.relay.tls.TlsFailure;

/**
 * Connects to the upstreams of a link. On the event loop.
 *
 * @param link as the newest table has it
 * @param linkTls called only when that has TLS
 * @param headers those of the PROXY protocol
 * @param forProbes whether no connection is for a consumer: each then begins with a header that says so, if the link has headers
 */
record UpstreamConnector(
        NetClient client,
        ContextInternal context,
        SelfConnect selfConnect,
        FileDescriptors.Share descriptors,
        Supplier<Link> link,
        Supplier<LinkTls> linkTls,
        UpstreamHeaders headers,
        boolean forProbes)
        implements Connector {
    /** For connections to the link's targets that are not for a consumer. */
    UpstreamConnector probing() {
        return probing(link);
    }

    /** For connections to another port of the link's targets, where neither TLS nor a header is expected. */
    UpstreamConnector probingAnotherPort() {
        return probing(() -> link.get().toBuilder()
                .upstreamTls(Optional.empty())
                .upstreamProxyProtocol(Optional.empty())
                .build());
    }

    private UpstreamConnector probing(Supplier<Link> probed) {
        return new UpstreamConnector(client, context, selfConnect, descriptors, probed, linkTls, headers, true);
    }

    @Override
    public Future<Channel> connect(InetSocketAddress address, Connector.Attempt attempt) {
        UpstreamSocketAddress upstream = new UpstreamSocketAddress(address);
        Future<Channel> connected = connect(address, upstream);
        Optional<UpstreamTls> tls = link.get().upstreamTls();
        if (tls.isPresent()) {
            connected = connected.compose(channel -> secured(channel, attempt, tls.get()));
        } else if (forProbes && link.get().upstreamProxyProtocol().isPresent()) {
            connected = connected.onSuccess(channel -> headers.sendLocal(
                    channel, link.get().upstreamProxyProtocol().get()));
        }
        Future<Channel> whole = connected;
        attempt.givenUp().onComplete(done -> {
            if (!whole.isComplete()) {
                upstream.close();
            }
        });
        return whole;
    }

    /** A connect that began with other TLS is of no use, nor is one with another header before it. */
    @Override
    public Object terms() {
        Link now = link.get();
        return now.upstreamTls().isPresent() && now.upstreamProxyProtocol().isPresent()
                ? List.of(now.upstreamTls(), now.upstreamProxyProtocol())
                : now.upstreamTls();
    }

    private Future<Channel> secured(Channel channel, Connector.Attempt attempt, UpstreamTls wanted) {
        attempt.handshakeBegins();
        Optional<UpstreamProxyProtocol> header = link.get().upstreamProxyProtocol();
        if (header.isPresent()) {
            headers.sendBeforeTls(channel, attempt.downstream(), header.get());
        }
        Future<Channel> handshake = linkTls.get().connected(channel, attempt.target(), wanted);
        if (header.isPresent()) {
            long sentNanos = System.nanoTime();
            handshake.onComplete(answer -> headers.handshakeEnded(attempt, sentNanos, answer.cause()));
        }
        return handshake.recover(cause -> {
            TlsFailure failure = (TlsFailure) cause;
            return Future.failedFuture(new DialException(result(failure.reason()), "it " + failure.getMessage()));
        });
    }

    private static DialResult result(TlsFailure.Reason reason) {
        return switch (reason) {
            case UNTRUSTED, NO_CERTIFICATE -> DialResult.TLS_UNTRUSTED;
            case NAME -> DialResult.TLS_NAME;
            case EXPIRED -> DialResult.TLS_EXPIRED;
            case ALERT -> DialResult.TLS_ALERT;
            case NOT_OFFERED -> DialResult.TLS_NOT_OFFERED;
            case TIMEOUT -> DialResult.TLS_TIMEOUT;
            case OWN_CERTIFICATE -> DialResult.TLS_CERTIFICATE;
            case FAILED -> DialResult.TLS_FAILED;
        };
    }

    private Future<Channel> connect(InetSocketAddress address, UpstreamSocketAddress upstream) {
        Future<Channel> connected = connectBy(upstream);
        return selfConnect.isPossible(address)
                ? connected.compose(channel -> SelfConnect.rejectIfSelf(channel, address))
                : connected;
    }

    private Future<Channel> connectBy(UpstreamSocketAddress upstream) {
        // A dial that continues after a DNS answer or a timer runs in no context, and Vert.x would make a new one each
        // time.
        ContextInternal before = context.beginDispatch();
        try {
            return client.connect(upstream).map(UpstreamConnector::channelOf);
        } finally {
            context.endDispatch(before);
        }
    }

    /** Only a connect that races needs a descriptor: the first uses the one that its connection took. */
    @Override
    public boolean mayRace() {
        return descriptors.acquire(1);
    }

    @Override
    public void raceEnded() {
        descriptors.release(1);
    }

    @Override
    public void discard(Channel connection) {
        ProxiedConnection.refuse(connection);
    }

    /** The channel of a Vert.x socket. Nothing uses the socket itself afterwards. */
    static Channel channelOf(NetSocket socket) {
        return ((NetSocketInternal) socket).channelHandlerContext().channel();
    }
}
