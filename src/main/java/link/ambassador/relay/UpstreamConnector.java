package link.ambassador.relay;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import link.ambassador.relay.dial.Connector;
import link.ambassador.relay.join.Join;

/**
 * Connects with {@code NetClient}, whose timeout is fixed: that of the link. A connect that the dial gave up on ends by
 * then, and is discarded.
 */
final class UpstreamConnector implements Connector<NetSocket>, AutoCloseable {
    private final NetClient client;

    UpstreamConnector(Vertx vertx, Duration connectTimeout) {
        client = vertx.createNetClient(
                new NetClientOptions().setConnectTimeout(Math.toIntExact(connectTimeout.toMillis())));
    }

    @Override
    public Future<NetSocket> connect(InetSocketAddress address, Duration timeout) {
        return client.connect(SocketAddress.inetSocketAddress(
                address.getPort(), address.getAddress().getHostAddress()));
    }

    @Override
    public void discard(NetSocket connection) {
        Join.refuse(connection);
    }

    @Override
    public void close() {
        client.close();
    }
}
