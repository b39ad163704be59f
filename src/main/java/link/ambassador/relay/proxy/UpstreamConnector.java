package link.ambassador.relay.proxy;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;
import link.ambassador.config.Link;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.dial.Dial;
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
 */
record UpstreamConnector(
        NetClient client,
        ContextInternal context,
        SelfConnect selfConnect,
        FileDescriptors.Share descriptors,
        Supplier<Link> link,
        Supplier<LinkTls> linkTls)
        implements Dial.Connector {
    /** The same without TLS. */
    UpstreamConnector inClearText() {
        return new UpstreamConnector(
                client,
                context,
                selfConnect,
                descriptors,
                () -> link.get().toBuilder().upstreamTls(Optional.empty()).build(),
                linkTls);
    }

    @Override
    public Future<Channel> connect(InetSocketAddress address, Dial.Attempt attempt) {
        UpstreamSocketAddress upstream = new UpstreamSocketAddress(address);
        Future<Channel> connected = connect(address, upstream);
        Optional<UpstreamTls> tls = link.get().upstreamTls();
        if (tls.isPresent()) {
            connected = connected.compose(channel -> secured(channel, attempt, tls.get()));
        }
        Future<Channel> whole = connected;
        attempt.givenUp().onComplete(done -> {
            if (!whole.isComplete()) {
                upstream.close();
            }
        });
        return whole;
    }

    /** A connect that began with other TLS is of no use. */
    @Override
    public Object terms() {
        return link.get().upstreamTls();
    }

    private Future<Channel> secured(Channel channel, Dial.Attempt attempt, UpstreamTls wanted) {
        attempt.handshakeBegins();
        return linkTls.get().connected(channel, attempt.target(), wanted).recover(cause -> {
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
