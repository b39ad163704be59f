package link.ambassador.relay.tls;

import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Netty's context of one side of a link: made on the worker, and again after each change of the certificate that the relay shows. Until
 * the new one is made, handshakes use the old one. On the event loop.
 */
final class TlsContext implements AutoCloseable {
    /** Makes a context; on the worker. */
    @FunctionalInterface
    interface Maker {
        /**
         * Makes it.
         *
         * @param certificate null if none is shown
         */
        SslContext make(KeyedCertificate certificate) throws Exception;
    }

    private final RelayTls tls;
    private final Maker maker;
    private final OwnCertificate certificate;
    private final Runnable changed = this::make;
    private Promise<SslContext> first = Promise.promise();
    private SslContext current;
    private boolean making;
    private boolean again;
    private boolean closed;

    /** @param certificate the name of the certificate to show; empty: none */
    TlsContext(RelayTls tls, Optional<String> certificate, Maker maker) {
        this.tls = tls;
        this.maker = maker;
        this.certificate = certificate.map(name -> tls.use(name, changed)).orElse(null);
        if (this.certificate == null || this.certificate.certificate() != null) {
            make();
        }
    }

    /** The context for the next handshake. Fails at once while there is no certificate to show. */
    Future<SslContext> get() {
        if (current != null) {
            return Future.succeededFuture(current);
        }
        if (certificate != null
                && certificate.certificate() == null
                && !certificate.error().isEmpty()) {
            return Future.failedFuture(new TlsFailure(
                    TlsFailure.Reason.OWN_CERTIFICATE,
                    "was not asked, because the relay has no certificate to show: " + certificate.error()));
        }
        return first.future();
    }

    private void make() {
        if (making) {
            again = true;
            return;
        }
        making = true;
        if (first.future().failed()) {
            first = Promise.promise();
        }
        KeyedCertificate shown = certificate == null ? null : certificate.certificate();
        tls.onWorker(() -> {
            try {
                SslContext made = maker.make(shown);
                tls.onLoop(() -> take(made));
            } catch (Throwable e) {
                tls.onLoop(() -> failed(e));
            }
        });
    }

    private void take(SslContext made) {
        release(current);
        current = closed ? null : made;
        if (closed) {
            release(made);
            done(promise ->
                    promise.tryFail(new TlsFailure(TlsFailure.Reason.FAILED, "was not asked: the link has changed")));
        } else {
            done(promise -> promise.tryComplete(made));
        }
    }

    private void failed(Throwable cause) {
        done(promise -> promise.tryFail(
                new TlsFailure(TlsFailure.Reason.FAILED, "was not asked, because TLS cannot be set up: " + cause)));
        if (closed) {
            release(current);
            current = null;
        }
    }

    private void done(Consumer<Promise<SslContext>> outcome) {
        making = false;
        outcome.accept(first);
        if (again && !closed) {
            again = false;
            make();
        }
    }

    /** Handshakes that have begun go on. */
    @Override
    public void close() {
        closed = true;
        if (certificate != null) {
            tls.release(certificate, changed);
        }
        if (!making) {
            release(current);
            current = null;
        }
    }

    private static void release(SslContext context) {
        if (context != null) {
            ReferenceCountUtil.release(context);
        }
    }
}
