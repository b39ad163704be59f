package link.ambassador.webhook.tls;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
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
import org.jboss.logging.Logger;

/**
 * Keeps the certificates that replicas share in order, and has this replica serve them. Every replica does so, whoever leads;
 * who writes first wins, and the others read what it wrote.
 *
 * <p>Each look, whenever the Secret or the configuration changed and every minute besides, does this in this order:
 *
 * <ol>
 *   <li>The configuration is read, then the Secret. The Secret is made if there is none, anew if it is not whole.
 *   <li>The configuration's {@code caBundle} is made what the Secret says is trusted, if it is anything else.
 *   <li>The Secret's leaf is served.
 *   <li>If a {@linkplain RotationStep step} is due, it is written into the Secret, and all begins again.
 * </ol>
 *
 * So the API server trusts an authority before any replica serves a leaf of it. And a replica that read an older Secret cannot
 * undo a newer bundle: whoever wrote the newer one changed the configuration since, so its write is a conflict.
 */
public final class CertificateRotation {
    private static final Logger LOG = Logger.getLogger(CertificateRotation.class);
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private final CertificateSecret secret;
    private final TrustBundle trusted;
    private final Set<String> names;
    private final CertificateTimes times;
    private final Clock clock;
    private final Consumer<Certificates> serve;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread made = new Thread(work, "webhook-certificates");
        made.setDaemon(true);
        return made;
    });
    private final AtomicBoolean due = new AtomicBoolean();
    private final List<SharedIndexInformer<?>> watches;

    private Certificates served;
    private String bundleSeen = "";
    private long bundleSeenSince;
    private String lastTrouble = "";

    /**
     * Where the certificates are.
     *
     * @param namespace of the Secret
     * @param configuration the name of the MutatingWebhookConfiguration
     */
    public record Place(String namespace, String secret, String configuration) {}

    /**
     * Does nothing before {@link #start}.
     *
     * @param names DNS names and IP addresses that the leaf is for
     * @param serve has this replica serve a leaf; called on a thread of ours, which it may hold; what it throws is logged, and
     *     it is called again
     */
    public CertificateRotation(
            KubernetesClient kubernetes,
            Place place,
            Set<String> names,
            CertificateTimes times,
            Clock clock,
            Consumer<Certificates> serve) {
        this.secret = new CertificateSecret(kubernetes, place.namespace(), place.secret());
        this.trusted = new TrustBundle(kubernetes, place.configuration());
        this.names = Set.copyOf(names);
        this.times = times;
        this.clock = clock;
        this.serve = serve;
        this.watches = List.of(secret.inform(new Changes<>(this::look)), trusted.inform(new Changes<>(this::look)));
    }

    public void start() {
        for (SharedIndexInformer<?> watch : watches) {
            // The look that is due anyway says why it cannot be read.
            watch.exceptionHandler((started, failure) -> true).start();
        }
        look();
        thread.scheduleWithFixedDelay(
                this::look, times.lookAgain().toMillis(), times.lookAgain().toMillis(), TimeUnit.MILLISECONDS);
    }

    public void stop() {
        watches.forEach(SharedIndexInformer::stop);
        thread.shutdownNow();
    }

    /** Soon, once, however often it is asked for meanwhile. */
    private void look() {
        if (!thread.isShutdown() && due.compareAndSet(false, true)) {
            thread.execute(() -> {
                due.set(false);
                orderOrAgain();
            });
        }
    }

    private void orderOrAgain() {
        try {
            order();
            lastTrouble = "";
        } catch (RuntimeException e) {
            if (thread.isShutdown()) {
                return;
            }
            if (isConflict(e)) {
                // Another replica was first.
                look();
                return;
            }
            tell(e);
            thread.schedule(this::look, AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void order() {
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
                serve.accept(certificates);
                served = certificates;
                LOG.infof("serving a certificate until %s", certificates.leafEnd());
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

    /** Those that this replica serves, if somebody took away what is shared: the API server trusts them already. */
    private Certificates certificatesToBeginWith() {
        return served == null ? Certificates.first(names, now(), times) : served;
    }

    /**
     * Has the API server trust {@code bundle}.
     *
     * @return whether it has done so for as long as it may take every API server to learn of it; true as well when nobody has
     *     it call us
     */
    private boolean trust(String bundle, Optional<MutatingWebhookConfiguration> configuration) {
        if (configuration.isEmpty()) {
            return true;
        }
        if (!TrustBundle.isEverywhere(bundle, configuration.get())) {
            bundleSeen = "";
            trusted.write(bundle, configuration.get());
            LOG.infof("updated caBundle of %s", trusted);
        }
        if (!bundleSeen.equals(bundle)) {
            bundleSeen = bundle;
            bundleSeenSince = System.nanoTime();
            thread.schedule(this::look, times.propagation().toMillis(), TimeUnit.MILLISECONDS);
        }
        return System.nanoTime() - bundleSeenSince >= times.propagation().toNanos();
    }

    private Instant now() {
        return clock.instant();
    }

    private static boolean isConflict(RuntimeException e) {
        return e instanceof KubernetesClientException answer && answer.getCode() == HttpURLConnection.HTTP_CONFLICT;
    }

    /** Once for each trouble, not for each look. */
    private void tell(RuntimeException e) {
        String trouble = String.valueOf(e.getMessage());
        if (!trouble.equals(lastTrouble)) {
            lastTrouble = trouble;
            LOG.warnf("cannot renew webhook certificates, retrying: %s", trouble);
        }
    }
}
