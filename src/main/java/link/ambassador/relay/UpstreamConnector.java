package link.ambassador.relay;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import link.ambassador.relay.dial.Connector;
import link.ambassador.relay.join.Join;
import link.ambassador.relay.join.RelaySockets;
import link.ambassador.relay.join.SelfConnect;

/** Connects to the upstreams of a link; on the event loop. */
record UpstreamConnector(
        EventLoop loop, RelaySockets sockets, SelfConnect selfConnect, FileDescriptors.Share descriptors)
        implements Connector<Channel> {
    @Override
    public Future<Channel> connect(InetSocketAddress address, Duration timeout, Future<Void> givenUp) {
        Future<Channel> connecting = sockets.connect(loop, address, timeout, givenUp);
        return selfConnect.isPossible(address)
                ? connecting.compose(channel -> SelfConnect.refused(channel, address))
                : connecting;
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
        Join.refuse(connection);
    }
}
