package link.ambassador.relay;

import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

    private final ServedLink.Shared shared;
    private final String host;
    private final int port;
    private final Consumer<Channel> accepted;
    private final Runnable settled;
    private State state = State.BINDING;
    private String error = "";
    private Channel channel;
    private ScheduledFuture<?> retry;
    private boolean counted;

    /**
     * @param accepted called with each connection
     * @param settled called after each try to bind
     */
    LinkListener(ServedLink.Shared shared, String host, int port, Consumer<Channel> accepted, Runnable settled) {
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
        counted = shared.descriptors().takeForListener();
        if (!counted) {
            failed(new IOException("no file descriptor is left for it"));
            settled.run();
            return;
        }
        InetSocketAddress address = new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(host), port);
        shared.sockets()
                .listen(shared.loop(), address, accepted, shared.acceptFailed())
                .onComplete(bound -> {
                    if (bound.succeeded()) {
                        opened(bound.result());
                    } else {
                        failed(bound.cause());
                    }
                    settled.run();
                });
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
            LOG.log(Level.WARNING, "{0}; trying again every second", sentence);
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
        }
        giveBack();
    }

    private void giveBack() {
        if (counted) {
            counted = false;
            shared.descriptors().listenerClosed();
        }
    }
}
