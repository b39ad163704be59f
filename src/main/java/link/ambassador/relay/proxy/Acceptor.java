package link.ambassador.relay.proxy;

import io.netty.channel.Channel;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.logging.Logger;
import link.ambassador.config.DownstreamProxyProtocol;
import link.ambassador.config.Link;
import link.ambassador.relay.join.ByteBudget;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.LinkCounters;
import link.ambassador.relay.join.ProxiedConnection;
import link.ambassador.relay.proxyprotocol.ReceivedHeader;
import link.ambassador.relay.tls.LinkTls;
import link.ambassador.relay.tls.TlsFailure;

/**
 * What a downstream of one link goes through before its session begins: the limits, the header of the PROXY protocol, and TLS. On the event
 * loop.
 *
 * <pre>
 *   accepted ─► within the limits ─► header, if the link demands one ─► TLS, if the link has it ─► begin
 * </pre>
 */
final class Acceptor {
    /**
     * The parts of a link that it needs.
     *
     * @param link as it is served
     * @param tls null until the link first has TLS
     * @param open how many sessions there are
     * @param begin begins a session
     */
    record Parts(
            ByteBudget budget,
            FileDescriptors.Share descriptors,
            LinkCounters counters,
            LinkHold hold,
            Supplier<Link> link,
            Supplier<LinkTls> tls,
            IntSupplier open,
            Consumer<Channel> begin) {}

    private static final Logger LOG = Logger.getLogger(Acceptor.class.getName());

    private final ByteBudget budget;
    private final FileDescriptors.Share descriptors;
    private final LinkCounters counters;
    private final LinkHold hold;
    private final Supplier<Link> link;
    private final Supplier<LinkTls> tls;
    private final IntSupplier open;
    private final Consumer<Channel> begin;

    /** How many connections are between the limits and their session. */
    private int handshakes;

    Acceptor(Parts parts) {
        this.budget = parts.budget();
        this.descriptors = parts.descriptors();
        this.counters = parts.counters();
        this.hold = parts.hold();
        this.link = parts.link();
        this.tls = parts.tls();
        this.open = parts.open();
        this.begin = parts.begin();
    }

    private Link now() {
        return link.get();
    }

    /** A connection has come. */
    void accepted(Channel downstream) {
        if (now().maxConnections().isPresent()
                && open.getAsInt() + handshakes >= now().maxConnections().getAsInt()) {
            refuse(downstream, CloseReason.MAX_CONNECTIONS);
        } else if (hold.refusesOneMore()) {
            refuse(downstream, CloseReason.HOLD_OVERFLOW);
        } else if (!budget.hasRoom()) {
            refuse(downstream, CloseReason.OVER_BUDGET);
        } else if (!descriptors.acquire(FileDescriptors.PER_CONNECTION)) {
            refuse(downstream, CloseReason.FILE_DESCRIPTORS);
        } else if (now().downstreamProxyProtocol().isPresent()) {
            receiveHeader(downstream, now().downstreamProxyProtocol().get());
        } else {
            secureOrBegin(downstream);
        }
    }

    private void receiveHeader(Channel downstream, DownstreamProxyProtocol wanted) {
        handshakes++;
        ReceivedHeader.of(downstream, wanted).onComplete(answer -> {
            handshakes--;
            if (answer.succeeded()) {
                secureOrBegin(downstream);
                return;
            }
            descriptors.release(FileDescriptors.PER_CONNECTION);
            counters.refused(CloseReason.PROXY_HEADER);
            LOG.fine(() -> now().alias() + ": " + downstream.remoteAddress() + " refused: it "
                    + answer.cause().getMessage());
            ProxiedConnection.refuse(downstream);
        });
    }

    private void secureOrBegin(Channel downstream) {
        if (now().downstreamTls().isPresent()) {
            secure(downstream);
        } else {
            if (tls.get() != null) {
                tls.get().acceptedInClearText(downstream);
            }
            begin.accept(downstream);
        }
    }

    private void secure(Channel downstream) {
        handshakes++;
        tls.get().accepted(downstream).onComplete(answer -> {
            handshakes--;
            if (answer.succeeded()) {
                begin.accept(downstream);
                return;
            }
            descriptors.release(FileDescriptors.PER_CONNECTION);
            TlsFailure failure = (TlsFailure) answer.cause();
            counters.refused(closeReason(failure.reason()));
            LOG.fine(() -> now().alias() + ": " + downstream.remoteAddress() + " refused: it " + failure.getMessage());
        });
    }

    private static CloseReason closeReason(TlsFailure.Reason reason) {
        return switch (reason) {
            case NOT_OFFERED -> CloseReason.NOT_TLS;
            case UNTRUSTED, NAME, EXPIRED, NO_CERTIFICATE -> CloseReason.IDENTITY;
            case ALERT, TIMEOUT, OWN_CERTIFICATE, FAILED -> CloseReason.HANDSHAKE;
        };
    }

    private void refuse(Channel downstream, CloseReason reason) {
        counters.refused(reason);
        LOG.fine(() -> now().alias() + ": " + downstream.remoteAddress() + " refused: " + reason.sentence());
        ProxiedConnection.refuse(downstream);
    }
}
