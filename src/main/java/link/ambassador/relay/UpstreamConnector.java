package link.ambassador.relay;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import link.ambassador.relay.dial.Connector;
import link.ambassador.relay.join.Join;
import link.ambassador.relay.join.RelaySockets;

/** Connects to upstreams, for all links; on the event loop. */
record UpstreamConnector(EventLoop loop, RelaySockets sockets) implements Connector<Channel> {
    @Override
    public Future<Channel> connect(InetSocketAddress address, Duration timeout) {
        return sockets.connect(loop, address, timeout);
    }

    @Override
    public void discard(Channel connection) {
        Join.refuse(connection);
    }
}
