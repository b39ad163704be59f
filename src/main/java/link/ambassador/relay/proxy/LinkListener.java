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
 * One listening socket: bound, or tried again until it is.
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

    private final ActiveLink.Shared shared;
    private final String host;
    private final int port;
    private final Consumer<Channel> accepted;
    private final Runnable settled;
    private State state = State.BINDING;
    private String error = "";
    private NetServer server;
    private Channel channel;
    private ScheduledFuture<?> retry;
    private boolean counted;

    /**
     * @param accepted called with each connection
     * @param settled called after each try to bind
     */
    LinkListener(ActiveLink.Shared shared, String host, int port, Consumer<Channel> accepted, Runnable settled) {
        this.shared = shared;
        this.host = host;
        this.port = port;
        this.accepted = accepted;
        this.settled = settled;
    }

    State state() {
        return state;
    }

    /** Why it does not listen; empty when it does. */
    String error() {
        return error;
    }

    String address() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    void open() {
        retry = null;
        if (state == State.CLOSED) {
            settled.run();
            return;
        }
        counted = shared.limits().descriptors().takeForListener();
        if (!counted) {
            failed(new IOException("no file descriptor is left for it"));
            settled.run();
            return;
        }
        InetSocketAddress address = new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(host), port);
        ListeningSocket socket = shared.transport().expect(address, shared.acceptFailed());
        server = shared.context()
                .owner()
                .createNetServer(new NetServerOptions().setHost(host).setPort(port))
                .connectHandler(this::serve);
        shared.context().dispatch(listen -> server.listen().onComplete(bound -> tried(bound, socket)));
    }

    private void tried(AsyncResult<NetServer> bound, ListeningSocket socket) {
        if (bound.failed()) {
            forget();
            failed(bound.cause());
        } else if (socket.channel() == null) {
            // To Vert.x, two servers on one address are one: it opened no socket for this one.
            shared.transport().unexpect(socket);
            server.close();
            failed(new IllegalStateException("another listener of this relay is being closed there"));
        } else {
            opened(socket.channel());
        }
        settled.run();
    }

    private void serve(NetSocket socket) {
        Channel connection = UpstreamConnector.channelOf(socket);
        try {
            accepted.accept(connection);
        } catch (Throwable e) {
            // Vert.x would log it and leave the connection open.
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
        giveBack();
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

    /** Closes the listening socket, with its backlog accepted; its connections live on. */
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
        giveBack();
    }

    private void giveBack() {
        if (counted) {
            counted = false;
            shared.limits().descriptors().listenerClosed();
        }
    }

    /**
     * Vert.x would keep the server until it is closed itself. NetServer.close() is no way out: it ends each connection that
     * the server accepted, and does nothing after a failure to bind.
     */
    private void forget() {
        shared.context().removeCloseHook((Closeable) server);
    }
}
