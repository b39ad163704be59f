package link.ambassador.webhook.tls;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import link.ambassador.informer.Informers;
import org.jboss.logging.Logger;

/**
 * Keeps the certificates that the replicas share in order, and makes this replica serve them. Every replica does this, leader or not.
 * The replica that writes first wins; the others read what it wrote.
 *
 * <p>Each check, after a change of the Secret or the configuration and once a minute, does this in this order:
 *
 * <ol>
 *   <li>It reads the configuration, then the Secret. It creates a missing Secret, and replaces a broken one.
 *   <li>It writes the authorities of the Secret into the configuration's {@code caBundle}, if that differs.
 *   <li>It serves the Secret's leaf.
 *   <li>If a {@linkplain RotationStep step} is due, it writes that into the Secret, and starts again.
 * </ol>
 *
 * So the API server trusts an authority before any replica serves a leaf of it. And a replica that read an older Secret cannot undo a
 * newer bundle: another replica has changed the configuration since, so the write is a conflict.
 */
public final class CertificateRotation implements CertificateSource {
    private static final Logger LOG = Logger.getLogger(CertificateRotation.class);
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final CertificateSecret secret;
    private final TrustBundle trusted;
    private final Set<String> names;
    private final CertificateTimes times;
    private final Clock clock;
    private final Consumer<ServerCertificate> serve;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread made = new Thread(work, "webhook-certificates");
        made.setDaemon(true);
        return made;
    });
    private final AtomicBoolean due = new AtomicBoolean();
    private final List<Informers<?>> watches;

    private Certificates served;
    private String bundleTrusted = "";
    private long bundleTrustedSince;
    private String lastError = "";

    /**
     * The names of what holds the certificates, and of what they are for.
     *
     * @param namespace of the Secret
     * @param configuration the name of the MutatingWebhookConfiguration
     * @param names DNS names and IP addresses that the API server may call the webhook by
     */
    public record Place(String namespace, String secret, String configuration, Set<String> names) {}

    /**
     * A rotation that does nothing before {@link #start}.
     *
     * @param serve makes this replica serve a leaf. It is called on the rotation's own thread, and may block it. An exception is
     *     logged, and the call is repeated
     */
    public CertificateRotation(
            KubernetesClient kubernetes,
            Place place,
            CertificateTimes times,
            Clock clock,
            Consumer<ServerCertificate> serve) {
        this.secret = new CertificateSecret(kubernetes, place.namespace(), place.secret());
        this.trusted = new TrustBundle(kubernetes, place.configuration());
        this.names = Set.copyOf(place.names());
        this.times = times;
        this.clock = clock;
        this.serve = serve;
        this.watches = List.of(
                secret.informers().onChange(changed -> check()),
                trusted.informers().onChange(changed -> check()));
    }

    @Override
    public void start() {
        watches.forEach(Informers::start);
        check();
        thread.scheduleWithFixedDelay(
                this::check, times.checkEvery().toMillis(), times.checkEvery().toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() {
        watches.forEach(Informers::stop);
        thread.shutdownNow();
    }

    /** Checks soon; several calls before that lead to one check. */
    private void check() {
        if (!thread.isShutdown() && due.compareAndSet(false, true)) {
            thread.execute(() -> {
                due.set(false);
                rotateOrRetry();
            });
        }
    }

    private void rotateOrRetry() {
        try {
            rotate();
            lastError = "";
        } catch (RuntimeException e) {
            if (thread.isShutdown()) {
                return;
            }
            if (isConflict(e)) {
                // Another replica was first.
                check();
                return;
            }
            logOnce(e);
            thread.schedule(this::check, AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void rotate() {
        RotationStep step;
        do {
            Optional<MutatingWebhookConfiguration> configuration = trusted.read();
            Secret found = secret.read().orElseGet(this::create);
            Certificates certificates;
            try {
                certificates = CertificateSecret.certificates(found);
            } catch (IllegalArgumentException e) {
                LOG.warnf("%s has %s: replacing it", secret, e.getMessage());
                secret.replace(found, certificatesToBeginWith());
                step = RotationStep.ISSUE_LEAF;
                continue;
            }
            boolean newestIsTrusted = trust(certificates.bundle(), configuration);
            if (served == null || !served.leaf().equals(certificates.leaf())) {
                serve.accept(certificates.served());
                served = certificates;
                LOG.infof(
                        "serving a certificate until %s", certificates.served().end());
            }
            step = RotationStep.due(certificates, names, now(), times, newestIsTrusted);
            if (step != RotationStep.NOTHING) {
                LOG.infof("certificates: %s", step);
                secret.replace(found, step.take(certificates, names, now(), times));
            }
        } while (step != RotationStep.NOTHING);
    }

    private Secret create() {
        LOG.infof("creating %s", secret);
        return secret.create(certificatesToBeginWith());
    }

    /** The certificates that this replica serves, if somebody deleted the Secret: the API server trusts them already. */
    private Certificates certificatesToBeginWith() {
        return served == null ? Certificates.first(names, now(), times) : served;
    }

    /**
     * Makes the API server trust {@code bundle}.
     *
     * @return whether it has trusted {@code bundle} for so long that every API server knows it by now; also true when no
     *     configuration makes it call this webhook
     */
    private boolean trust(String bundle, Optional<MutatingWebhookConfiguration> configuration) {
        if (configuration.isEmpty()) {
            return true;
        }
        if (!TrustBundle.isEverywhere(bundle, configuration.get())) {
            bundleTrusted = "";
            trusted.write(bundle, configuration.get());
            LOG.infof("updated caBundle of %s", trusted);
        }
        if (!bundleTrusted.equals(bundle)) {
            bundleTrusted = bundle;
            bundleTrustedSince = System.nanoTime();
            thread.schedule(this::check, times.propagation().toMillis(), TimeUnit.MILLISECONDS);
        }
        return System.nanoTime() - bundleTrustedSince >= times.propagation().toNanos();
    }

    private Instant now() {
        return clock.instant();
    }

    private static boolean isConflict(RuntimeException e) {
        return e instanceof KubernetesClientException answer && answer.getCode() == HttpURLConnection.HTTP_CONFLICT;
    }

    /** Logs an error once, not at each check. */
    private void logOnce(RuntimeException e) {
        String error = String.valueOf(e.getMessage());
        if (!error.equals(lastError)) {
            lastError = error;
            LOG.warnf("cannot renew webhook certificates, retrying: %s", error);
        }
    }
}
