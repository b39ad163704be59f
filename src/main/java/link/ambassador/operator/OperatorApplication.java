package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.MeterRegistry;
import io.prometheus.client.CollectorRegistry;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Printable;
import link.ambassador.operator.sidecar.AmbassadorCache;
import link.ambassador.operator.sidecar.ServiceCache;
import link.ambassador.operator.status.StatusMetrics;
import link.ambassador.operator.trust.CaBundleCache;
import org.jboss.logging.Logger;

/**
 * Runs inside Quarkus: waits for the API server, starts the Operator SDK, and stops it again in order.
 *
 * <p>The SDK starts on a thread of its own. It waits for its caches, for hours if need be, and the process must react to SIGTERM
 * meanwhile. Until it has started, the process is alive but not ready.
 */
@Singleton
@Unremovable
class OperatorApplication implements QuarkusApplication {
    private static final Logger LOG = Logger.getLogger(OperatorApplication.class);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(2);

    private final Operator operator;
    private final OperatorSettings settings;
    private final Leadership leadership;
    private final KubernetesClient kubernetes;
    private final AmbassadorCache ambassadors;
    private final ServiceCache services;
    private final CaBundleCache bundles;
    private final AmbassadorReconciler reconciler;
    private final StallWatch stalls;
    private final MeterRegistry meters;
    private final CollectorRegistry collectors;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile boolean started;

    OperatorApplication(
            Operator operator,
            OperatorSettings settings,
            Leadership leadership,
            KubernetesClient kubernetes,
            AmbassadorCache ambassadors,
            ServiceCache services,
            CaBundleCache bundles,
            AmbassadorReconciler reconciler,
            StallWatch stalls,
            MeterRegistry meters,
            CollectorRegistry collectors) {
        this.operator = operator;
        this.settings = settings;
        this.leadership = leadership;
        this.kubernetes = kubernetes;
        this.ambassadors = ambassadors;
        this.services = services;
        this.bundles = bundles;
        this.reconciler = reconciler;
        this.stalls = stalls;
        this.meters = meters;
        this.collectors = collectors;
    }

    @Override
    public int run(String... version) {
        LOG.infof(
                "operator %s for %s, relays run %s",
                version[0],
                settings.namespaces().isEmpty()
                        ? "every namespace"
                        : "the namespaces " + String.join(", ", settings.namespaces()),
                settings.relayImage().name());
        new Thread(this::start, "operator-start").start();
        Quarkus.waitForExit();
        return 0;
    }

    private void start() {
        try {
            if (awaitApiServer()) {
                CompletionStage<Void> known = ambassadors.start();
                services.start();
                operator.start();
                known.toCompletableFuture().join();
                started = true;
                stalls.watch(
                        "reconciles",
                        operator.getConfigurationService()
                                .getExecutorServiceManager()
                                .reconcileExecutorService());
                reconciler.watchedBy(stalls);
                stalls.start();
                collectors.register(new StatusMetrics(reconciler::reconciled));
                leadership.whenLeading(reconciler::lead);
                leadership.elect();
                policies().run(stopping);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            if (stopping.getCount() > 0) {
                StartFailure.sentence(e).ifPresentOrElse(LOG::error, () -> LOG.error("cannot start the operator", e));
                Quarkus.asyncExit(1);
            }
        }
    }

    /**
     * The first TLS engine of a process makes the JDK look for all algorithms of all providers, and Jackson looks at a whole tree of classes
     * before it reads the first object of a kind. A busy machine takes seconds for either, and the threads that would do it at the first
     * request belong to the client's event loops. So this comes before the first request.
     */
    void prepareToAsk(@Observes @Priority(Interceptor.Priority.LIBRARY_BEFORE) StartupEvent event)
            throws GeneralSecurityException {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[0], null);
        tls.createSSLEngine();
        for (Class<?> kind : List.of(Pod.class, Deployment.class, Service.class, Ambassador.class)) {
            kubernetes.getKubernetesSerialization().unmarshal("{}", kind);
        }
    }

    private PolicyCheck policies() {
        Optional<String> own = Optional.ofNullable(kubernetes.getConfiguration().getNamespace());
        Optional<String> granted = settings.namespaces().stream().findFirst();
        // A container's host name is its pod's.
        Optional<String> pod = granted.isPresent() ? Optional.empty() : Optional.ofNullable(System.getenv("HOSTNAME"));
        return new PolicyCheck(kubernetes, granted.or(() -> own).orElse("default"), pod, meters, PolicyCheck.BETWEEN);
    }

    /**
     * Asks until the API server answers. If the process ended instead, every operator would end up in the kubelet's growing back-off
     * while the API server is away.
     *
     * @return false when the process is to stop
     */
    private boolean awaitApiServer() throws InterruptedException {
        while (stopping.getCount() > 0) {
            try {
                kubernetes.getKubernetesVersion();
                StartChecks.run(kubernetes, settings.namespaces());
                return true;
            } catch (KubernetesClientException e) {
                if (StartFailure.sentence(e).isPresent()) {
                    throw e;
                }
                LOG.warnf(
                        "the API server at %s does not answer, retrying: %s",
                        kubernetes.getMasterUrl(),
                        Printable.sentence(String.valueOf(StartFailure.root(e).getMessage())));
            }
            if (stopping.await(ASK_AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return false;
    }

    /** Whether all caches are filled, so that this process could lead. */
    boolean isStarted() {
        return started;
    }

    void stop(@Observes ShutdownEvent event) {
        stopping.countDown();
        leadership.expectToStop();
        reconciler.stop();
        if (started) {
            operator.stop();
        } else {
            OperatorLog.ignoreWatches();
        }
        ambassadors.stop();
        services.stop();
        bundles.stop();
        if (started) {
            leadership.release();
        }
    }
}
