package link.ambassador.relay;

import io.netty.channel.Channel;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.relay.join.Backlog;

/**
 * One listening socket: bound, or tried again until it is.
 *
 * <pre>
 *   BINDING ──► LISTENING ──► CLOSED
 *      ▲ │
 *      │ ▼ retried
 *     FAILED ─────────────► CLOSED
 * </pre>
 *
 * <p>Vert.x keeps a server until it is closed, and closing one ends its connections: so that waits for the last of them.
 */
final class LinkListener {
    enum State {
        BINDING,
        LISTENING,
        FAILED,
        CLOSED
    }

    private static final Logger LOG = Logger.getLogger(LinkListener.class.getName());
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** Vert.x hands over what was accepted in a later turn of the loop; until then the server counts it and we do not. */
    private static final Duration HANDED_OVER = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final SocketAddress address;
    private final ServerChannels channels;
    private final NetServer server;
    private final Runnable settled;
    private int connections;
    private State state = State.BINDING;
    private String error = "";
    private Channel channel;
    private long retryTimer = -1;

    /**
     * @param accepted called with each connection
     * @param settled called after each try to bind
     */
    LinkListener(
            Vertx vertx,
            String host,
            int port,
            ServerChannels channels,
            BiConsumer<LinkListener, NetSocket> accepted,
            Runnable settled) {
        this.vertx = vertx;
        this.address = SocketAddress.inetSocketAddress(port, host);
        this.channels = channels;
        this.settled = settled;
        this.server = vertx.createNetServer();
        server.connectHandler(socket -> accepted.accept(this, socket));
    }

    State state() {
        return state;
    }

    /** Why it does not listen; empty when it does. */
    String error() {
        return error;
    }

    String address() {
        String host = address.host();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.port();
    }

    void open() {
        retryTimer = -1;
        server.listen(address).onComplete(bound -> {
            if (bound.succeeded()) {
                opened();
            } else {
                failed(bound.cause());
            }
            settled.run();
        });
    }

    private void opened() {
        channel = channels.listeningOn(address.host(), address.port());
        if (state == State.CLOSED) {
            close();
            return;
        }
        state = State.LISTENING;
        error = "";
        LOG.info(() -> "listening on " + address());
    }

    private void failed(Throwable cause) {
        if (state == State.CLOSED) {
            return;
        }
        String sentence = "cannot listen on " + address() + ": " + cause.getMessage();
        if (!sentence.equals(error)) {
            LOG.log(Level.WARNING, "{0}; trying again every second", sentence);
        }
        state = State.FAILED;
        error = sentence;
        retryTimer = vertx.setTimer(RETRY.toMillis(), timer -> open());
    }

    /** Closes the listening socket, with its backlog accepted; its connections live on. */
    void close() {
        state = State.CLOSED;
        if (retryTimer >= 0) {
            vertx.cancelTimer(retryTimer);
        }
        if (channel != null) {
            // NetServer.close() would end every connection that it accepted.
            Backlog.accept(channel);
            channel.close();
            forget();
        }
    }

    /** A connection that it accepted is served. */
    void connectionBegan() {
        connections++;
    }

    /** A connection that it accepted is over. */
    void connectionEnded() {
        connections--;
        forget();
    }

    private void forget() {
        if (state == State.CLOSED && connections == 0) {
            vertx.setTimer(HANDED_OVER.toMillis(), timer -> {
                if (connections == 0) {
                    server.close();
                }
            });
        }
    }
}
