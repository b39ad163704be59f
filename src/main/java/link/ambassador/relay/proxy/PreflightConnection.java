package link.ambassador.relay.proxy;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.Target;
import link.ambassador.config.UpstreamProxyProtocol;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.dial.Dial;
import link.ambassador.relay.join.IdleUpstream;

/** The connection that a preflight made, while it waits for a downstream: at most one, and not for long. On the event loop. */
final class PreflightConnection {
    /** How long it waits. */
    static final Duration LONGEST_IDLE = Duration.ofSeconds(2);

    private record Idle(
            Dial.Connected connected,
            Optional<UpstreamTls> tls,
            Optional<UpstreamProxyProtocol> header,
            IdleUpstream upstream) {}

    private final EventLoop loop;
    private final FileDescriptors.Share descriptors;
    private final UpstreamHeaders headers;
    private Idle idle;
    private ScheduledFuture<?> timer;

    /** @param descriptors of the link: the connection has one of them while it waits */
    PreflightConnection(EventLoop loop, FileDescriptors.Share descriptors, UpstreamHeaders headers) {
        this.loop = loop;
        this.descriptors = descriptors;
        this.headers = headers;
    }

    /** Keeps this one, which has its descriptor already, and closes the one before. */
    void keep(Dial.Connected connected, Optional<UpstreamTls> tls, Optional<UpstreamProxyProtocol> header) {
        close();
        idle = new Idle(connected, tls, header, IdleUpstream.of(connected.channel()));
        timer = loop.schedule(() -> LinkPreflight.guarded(this::close), LONGEST_IDLE.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The connection, if it leads to this target with this TLS and is open still; empty if there is none. */
    Optional<Dial.Connected> take(Target target, Optional<UpstreamTls> tls) {
        if (idle == null
                || !idle.connected().target().equals(target)
                || !idle.tls().equals(tls)) {
            return Optional.empty();
        }
        if (!idle.upstream().isOpen()) {
            close();
            return Optional.empty();
        }
        Dial.Connected taken = idle.connected();
        idle = null;
        timer.cancel(false);
        // The downstream has one for its upstream.
        descriptors.release(1);
        return Optional.of(taken);
    }

    void close() {
        if (idle != null) {
            headers.endUnused(idle.connected().channel(), idle.header());
            idle.upstream().close();
            idle = null;
            timer.cancel(false);
            descriptors.release(1);
        }
    }
}
