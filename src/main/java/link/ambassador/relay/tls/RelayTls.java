package link.ambassador.relay.tls;

import io.netty.channel.EventLoop;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import link.ambassador.config.TlsVersion;

/** What the TLS of all links of a relay shares: the certificates that it shows, and the places for handshakes of downstreams. */
public final class RelayTls {
    private static final Logger LOG = Logger.getLogger(RelayTls.class.getName());
    private static final Duration BETWEEN_CHECKS = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final EventLoop loop;
    private final Executor worker;
    private final Path directory;
    private final TlsVersion maxVersion;
    private final HandshakePlaces places;
    private final Map<String, OwnCertificate> certificates = new HashMap<>();
    private SslProvider provider;
    private ScheduledFuture<?> checks;

    /**
     * Reads nothing yet.
     *
     * @param worker runs what may block
     * @param directory the one with a directory for each certificate
     * @param maxVersion the newest version that links speak
     */
    public RelayTls(Vertx vertx, EventLoop loop, Executor worker, Path directory, TlsVersion maxVersion) {
        this.vertx = vertx;
        this.loop = loop;
        this.worker = worker;
        this.directory = directory;
        this.maxVersion = maxVersion;
        this.places = new HandshakePlaces(loop);
    }

    EventLoop loop() {
        return loop;
    }

    /** Runs a task on the event loop, from any thread; drops it if the relay has ended. */
    void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException ended) {
            // And with the loop all that the task is about.
        }
    }

    /** Runs a task that may block; drops it if the relay has ended. */
    void onWorker(Runnable task) {
        try {
            worker.execute(task);
        } catch (RejectedExecutionException ended) {
            // As above.
        }
    }

    TlsVersion maxVersion() {
        return maxVersion;
    }

    HandshakePlaces places() {
        return places;
    }

    /** BoringSSL; the JDK's engine where there is no library for this machine. On the worker: it loads the library. */
    synchronized SslProvider provider() {
        if (provider == null) {
            provider = OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
            if (provider == SslProvider.JDK) {
                LOG.warning(() -> "BoringSSL is not available, using the JDK's TLS, which is slower: "
                        + OpenSsl.unavailabilityCause());
            }
        }
        return provider;
    }

    /** The certificate of this name, which is read and watched from now on; {@code changed} runs after each change. */
    OwnCertificate use(String name, Runnable changed) {
        OwnCertificate certificate = certificates.computeIfAbsent(
                name, wanted -> new OwnCertificate(this, wanted, directory.resolve(wanted), vertx));
        certificate.onChange(changed);
        certificate.check();
        if (checks == null) {
            long millis = BETWEEN_CHECKS.toMillis();
            checks = loop.scheduleWithFixedDelay(this::check, millis, millis, TimeUnit.MILLISECONDS);
        }
        return certificate;
    }

    /** Looks at the files of every certificate again, as the relay does every second. */
    public void check() {
        certificates.values().forEach(OwnCertificate::check);
    }

    /** The user of a certificate needs it no longer. */
    void release(OwnCertificate certificate, Runnable changed) {
        certificate.removeOnChange(changed);
        if (!certificate.isUsed()) {
            certificates.remove(certificate.name());
        }
        if (certificates.isEmpty() && checks != null) {
            checks.cancel(false);
            checks = null;
        }
    }

    /** The state of each certificate that a link shows, for the admin port. */
    public List<CertificateState> certificates() {
        return certificates.values().stream().map(OwnCertificate::state).toList();
    }
}
