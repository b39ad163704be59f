package link.ambassador.relay.tls;

import io.netty.channel.Channel;
import io.vertx.core.Future;

/** What comes before a handshake. */
@FunctionalInterface
interface UpstreamNegotiation {
    /** Nothing. */
    UpstreamNegotiation NONE = channel -> Future.succeededFuture();

    /** Completes when the peer expects the handshake; fails with {@link TlsFailure} if it does not. */
    Future<Void> run(Channel channel);
}
