package link.ambassador.relay.proxy;

import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.AsyncResult;
import io.vertx.core.Closeable;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.relay.join.Backlog;
import link.ambassador.relay.join.ListeningSocket;
import link.ambassador.relay.join.ProxiedConnection;

/**
 * One listening socket of a link. A bind that fails is tried again every second.
 *
 * <pre>
 *   BINDING ──► LISTENING ──► CLOSED
 *      ▲ │
 *      │ ▼ retried
 *     FAILED ─────────────► CLOSED
 * </pre>
 */
public final class LinkListener {
    public enum State {
        BINDING,
        LISTENING,
        FAILED,
        CLOSED
    }

    private static final Logger LOG = Logger.getLogger(LinkListener.class.getName());
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final LinkContext shared;
    private final String host;
    private final int port;
    private final Consumer<Channel> accepted;
    private final Runnable onTried;
    private State state = State.BINDING;
    private String error = "";
    private NetServer server;
    private Channel channel;
    private ScheduledFuture<?> retry;
    private boolean hasDescriptor;

    /**
     * Prepares a listener; {@link #open} begins.
     *
     * @param accepted called with each connection
     * @param onTried called after each try to bind
     */
    LinkListener(LinkContext shared, String host, int port, Consumer<Channel> accepted, Runnable onTried) {
        this.shared = shared;
        this.host = host;
        this.port = port;
        this.accepted = accepted;
        this.onTried = onTried;
    }

    State state() {
        return state;
    }

    /** Why it does not listen; empty if it does. */
    String error() {
        return error;
    }

    String address() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    void open() {
        retry = null;
        if (state == State.CLOSED) {
            onTried.run();
            return;
        }
        hasDescriptor = shared.limits().descriptors().acquireForListener();
        if (!hasDescriptor) {
            failed(new IOException("no file descriptor is left for it"));
            onTried.run();
            return;
        }
        InetSocketAddress address = new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(host), port);
        ListeningSocket socket = shared.transport().expect(address, shared.acceptFailed());
        server = shared.context()
                .owner()
                .createNetServer(new NetServerOptions().setHost(host).setPort(port))
                .connectHandler(this::serve);
        shared.context().dispatch(ignored -> server.listen().onComplete(bound -> tried(bound, socket)));
    }

    private void tried(AsyncResult<NetServer> bound, ListeningSocket socket) {
        if (bound.failed()) {
            forget();
            failed(bound.cause());
        } else if (socket.channel() == null) {
            // Vert.x treats two servers on one address as one, so it opened no socket for this one.
            shared.transport().unexpect(socket);
            server.close();
            failed(new IllegalStateException("another listener of this relay is being closed there"));
        } else {
            opened(socket.channel());
        }
        onTried.run();
    }

    private void serve(NetSocket socket) {
        Channel connection = UpstreamConnector.channelOf(socket);
        try {
            accepted.accept(connection);
        } catch (Throwable e) {
            // Vert.x would log the error and leave the connection open.
            LOG.log(Level.SEVERE, e, () -> "reset " + connection.remoteAddress() + ", which could not be served");
            ProxiedConnection.refuse(connection);
        }
    }

    private void opened(Channel listening) {
        channel = listening;
        if (state == State.CLOSED) {
            close();
            return;
        }
        state = State.LISTENING;
        error = "";
        LOG.info(() -> "listening on " + address());
    }

    private void failed(Throwable cause) {
        releaseDescriptor();
        if (state == State.CLOSED) {
            return;
        }
        String sentence = "cannot listen on " + address() + ": " + cause.getMessage();
        if (!sentence.equals(error)) {
            LOG.log(Level.WARNING, "{0}; retrying every second", sentence);
        }
        state = State.FAILED;
        error = sentence;
        retry = shared.loop().schedule(this::open, RETRY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Accepts the backlog, then closes the listening socket. Its connections stay. */
    void close() {
        state = State.CLOSED;
        if (retry != null) {
            retry.cancel(false);
        }
        if (channel != null) {
            Backlog.accept(channel);
            channel.close();
            forget();
        }
        releaseDescriptor();
    }

    private void releaseDescriptor() {
        if (hasDescriptor) {
            hasDescriptor = false;
            shared.limits().descriptors().listenerClosed();
        }
    }

    /**
     * Makes Vert.x forget the server, which it would keep until it is closed itself. NetServer.close() does not help:
     * it ends each connection that the server accepted, and does nothing after a failed bind.
     */
    private void forget() {
        shared.context().removeCloseHook((Closeable) server);
    }
}
