package link.ambassador.relay;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import link.ambassador.relay.dial.Connector;
import link.ambassador.relay.join.Join;

/**
 * Connects with {@code NetClient}, for all links; on the event loop.
 *
 * <p>The timeout of a client is fixed, and a client cannot be closed without its connections: so there is one for each
 * power of two of milliseconds, and the dial keeps to the time. A connect that the dial gave up on ends after twice the
 * timeout at most, and is discarded.
 */
final class UpstreamConnector implements Connector<NetSocket> {
    private final Vertx vertx;
    private final Map<Integer, NetClient> clients = new HashMap<>();

    UpstreamConnector(Vertx vertx) {
        this.vertx = vertx;
    }

    @Override
    public Future<NetSocket> connect(InetSocketAddress address, Duration timeout) {
        return clients.computeIfAbsent(powerOfTwo(timeout), this::client)
                .connect(SocketAddress.inetSocketAddress(
                        address.getPort(), address.getAddress().getHostAddress()));
    }

    private NetClient client(int timeoutMillis) {
        return vertx.createNetClient(new NetClientOptions().setConnectTimeout(timeoutMillis));
    }

    private static int powerOfTwo(Duration timeout) {
        return Integer.highestOneBit(Math.toIntExact(timeout.toMillis())) << 1;
    }

    @Override
    public void discard(NetSocket connection) {
        Join.refuse(connection);
    }
}
