package link.ambassador.relay.proxy;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.net.InetSocketAddress;
import link.ambassador.relay.dial.Dial;
import link.ambassador.relay.join.ProxiedConnection;
import link.ambassador.relay.join.SelfConnect;
import link.ambassador.relay.join.UpstreamSocketAddress;

/** Connects to the upstreams of a link. On the event loop. */
record UpstreamConnector(
        NetClient client, ContextInternal context, SelfConnect selfConnect, FileDescriptors.Share descriptors)
        implements Dial.Connector {
    @Override
    public Future<Channel> connect(InetSocketAddress address, Future<Void> givenUp) {
        Future<Channel> connected = connectBy(new UpstreamSocketAddress(address), givenUp);
        return selfConnect.isPossible(address)
                ? connected.compose(channel -> SelfConnect.rejectIfSelf(channel, address))
                : connected;
    }

    private Future<Channel> connectBy(UpstreamSocketAddress upstream, Future<Void> givenUp) {
        // A dial that continues after a DNS answer or a timer runs in no context, and Vert.x would make a new one each
        // time.
        ContextInternal before = context.beginDispatch();
        try {
            Future<Channel> connected = client.connect(upstream).map(UpstreamConnector::channelOf);
            givenUp.onComplete(done -> {
                if (!connected.isComplete()) {
                    upstream.close();
                }
            });
            return connected;
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
