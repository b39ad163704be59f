package link.ambassador.relay.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.config.Target;
import link.ambassador.config.UpstreamProxyProtocol;
import link.ambassador.relay.dial.Connector;
import link.ambassador.relay.join.PipelineLeg;
import link.ambassador.relay.proxyprotocol.Pod;
import link.ambassador.relay.proxyprotocol.SentHeader;
import link.ambassador.relay.proxyprotocol.TlsTlv;
import link.ambassador.relay.proxyprotocol.TlvType;
import link.ambassador.relay.tls.DownstreamSession;
import link.ambassador.relay.tls.TlsFailure;

/**
 * The PROXY protocol headers that the targets of one link get, and what the targets do then. A target that does not expect a header
 * says so to nobody: it takes the header for a broken request, and closes. On the event loop.
 */
final class UpstreamHeaders {
    /** A target that closes so soon after the header may not have expected it. */
    private static final Duration SOON = Duration.ofMillis(100);

    /** Some complain before they close, in a few words: nginx in 310 bytes. What is longer is an answer. */
    static final int MAX_COMPLAINT_BYTES = 1024;

    /** How many connections in a row, before that is told. */
    static final int IN_A_ROW = 3;

    private static final AttributeKey<UpstreamProxyProtocol> SENT = AttributeKey.valueOf(UpstreamHeaders.class, "SENT");

    private final Pod pod;
    private final Map<Target, Integer> closedSoonInARow = new HashMap<>();

    UpstreamHeaders(Pod pod) {
        this.pod = pod;
    }

    /** The header for the consumer of an accepted connection. */
    ByteBuf header(Channel accepted, UpstreamProxyProtocol wanted) {
        return SentHeader.of(accepted, wanted, pod, ofTls(accepted));
    }

    private static Map<TlvType, byte[]> ofTls(Channel accepted) {
        DownstreamSession session = accepted.hasAttr(DownstreamSession.KEY)
                ? accepted.attr(DownstreamSession.KEY).get()
                : null;
        if (session == null) {
            return Map.of();
        }
        Map<TlvType, byte[]> tlvs = new EnumMap<>(TlvType.class);
        tlvs.put(
                TlvType.TLS,
                TlsTlv.of(session.version(), session.cipher(), session.showedCertificate(), session.commonName()));
        session.serverName().ifPresent(name -> tlvs.put(TlvType.AUTHORITY, name.getBytes(StandardCharsets.US_ASCII)));
        return tlvs;
    }

    /**
     * Puts the header in front of a TLS handshake, with whose first bytes it is sent.
     *
     * @param accepted null if the relay connects for itself: the connection is then of no use for a consumer
     */
    void sendBeforeTls(Channel upstream, Channel accepted, UpstreamProxyProtocol wanted) {
        ByteBuf header;
        if (accepted == null) {
            header = SentHeader.local(upstream, wanted.version());
        } else {
            header = header(accepted, wanted);
            upstream.attr(SENT).set(wanted);
        }
        upstream.unsafe().write(header, upstream.voidPromise());
    }

    /** A connection of which no consumer had use is about to be closed: tells the target that it was for nobody. */
    void endUnused(Channel upstream, Optional<UpstreamProxyProtocol> wanted) {
        if (wanted.isPresent() && !PipelineLeg.isOn(upstream) && upstream.isOpen()) {
            sendLocal(upstream, wanted.get());
        }
    }

    /** Tells a target that the relay itself has connected, and no consumer. */
    void sendLocal(Channel upstream, UpstreamProxyProtocol wanted) {
        upstream.unsafe().write(SentHeader.local(upstream, wanted.version()), upstream.voidPromise());
        upstream.unsafe().flush();
    }

    /** Whether a connection with TLS began as the link wants it now, for a consumer. */
    static boolean wasSent(Channel upstream, Optional<UpstreamProxyProtocol> wanted) {
        UpstreamProxyProtocol sent =
                upstream.hasAttr(SENT) ? upstream.attr(SENT).get() : null;
        return Optional.ofNullable(sent).equals(wanted);
    }

    /** A connection that began with a header has ended. */
    void ended(Target target, boolean closedSoon) {
        if (closedSoon) {
            closedSoonInARow.merge(target, 1, Integer::sum);
        } else {
            closedSoonInARow.remove(target);
        }
    }

    /**
     * A handshake ended that came behind a header.
     *
     * @param sentNanos when the header was sent
     * @param failure null if there is TLS now: the target then expected the header
     */
    void handshakeEnded(Connector.Attempt attempt, long sentNanos, Throwable failure) {
        if (!attempt.givenUp().isComplete()) {
            ended(
                    attempt.target(),
                    failure instanceof TlsFailure tls && mayBeOfHeader(tls.reason()) && isSoon(sentNanos));
        }
    }

    /** Not once the target has shown its certificate: it read the header before. */
    private static boolean mayBeOfHeader(TlsFailure.Reason reason) {
        return switch (reason) {
            case FAILED, ALERT, NOT_OFFERED -> true;
            case UNTRUSTED, NAME, EXPIRED, NO_CERTIFICATE, TIMEOUT, OWN_CERTIFICATE -> false;
        };
    }

    /** Whether a header was sent so lately that a target which closes now may not have expected it. */
    static boolean isSoon(long sentNanos) {
        return System.nanoTime() - sentNanos <= SOON.toNanos();
    }

    /** Forgets targets that are not in the list. */
    void retain(Collection<Target> targets) {
        closedSoonInARow.keySet().retainAll(targets);
    }

    /** The targets that closed the latest connections soon after the header. */
    Set<Target> closingSoon() {
        return closedSoonInARow.isEmpty()
                ? Set.of()
                : closedSoonInARow.entrySet().stream()
                        .filter(entry -> entry.getValue() >= IN_A_ROW)
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toUnmodifiableSet());
    }
}
