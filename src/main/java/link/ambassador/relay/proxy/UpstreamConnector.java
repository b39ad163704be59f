package link.ambassador.relay.proxy;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.net.InetSocketAddress;
import link.ambassador.relay.dial.Connector;
import link.ambassador.relay.join.ProxiedConnection;
import link.ambassador.relay.join.SelfConnect;
import link.ambassador.relay.join.UpstreamSocketAddress;

/** Connects to the upstreams of a link; on the event loop. */
record UpstreamConnector(
        NetClient client, ContextInternal context, SelfConnect selfConnect, FileDescriptors.Share descriptors)
        implements Connector<Channel> {
    @Override
    public Future<Channel> connect(InetSocketAddress address, Future<Void> givenUp) {
        Future<Channel> connected = connectBy(new UpstreamSocketAddress(address), givenUp);
        return selfConnect.isPossible(address)
                ? connected.compose(channel -> SelfConnect.refused(channel, address))
                : connected;
    }

    private Future<Channel> connectBy(UpstreamSocketAddress upstream, Future<Void> givenUp) {
        // A dial that goes on after a name or a timer is in no context, and Vert.x would make one for each.
        ContextInternal before = context.beginDispatch();
        try {
            Future<Channel> connected = client.connect(upstream).map(UpstreamConnector::channelOf);
            givenUp.onComplete(given -> {
                if (!connected.isComplete()) {
                    upstream.close();
                }
            });
            return connected;
        } finally {
            context.endDispatch(before);
        }
    }

    /** The first connect of a try has the descriptor that its connection took. */
    @Override
    public boolean mayRace() {
        return descriptors.take(1);
    }

    @Override
    public void raceEnded() {
        descriptors.giveBack(1);
    }

    @Override
    public void discard(Channel connection) {
        ProxiedConnection.refuse(connection);
    }

    /** What is below a socket of Vert.x', which nobody uses from then on. */
    static Channel channelOf(NetSocket socket) {
        return ((NetSocketInternal) socket).channelHandlerContext().channel();
    }
}
