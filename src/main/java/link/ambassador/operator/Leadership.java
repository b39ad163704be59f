package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;

/**
 * Which of several replicas reconciles: the one that holds the Lease {@value #LEASE} in the operator's own namespace. The
 * others keep their caches filled, and take over within {@link #LEASE_DURATION} and two tries of an operator that is gone
 * without a word, at once of one that stopped in order.
 *
 * <p>One that loses the Lease ends its process: only so is it certain that nothing of it writes any more. The Operator
 * SDK's own way to do that is {@code System.exit}, also when it is stopped on purpose, which never returns within a
 * shutdown (https://github.com/operator-framework/java-operator-sdk/issues/1614); hence ours.
 */
@Singleton
class Leadership {
    static final String LEASE = "ambassador-operator";

    private static final Logger LOG = Logger.getLogger(Leadership.class);
    private static final Duration LEASE_DURATION = Duration.ofSeconds(10);
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(7);
    private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);

    private final OperatorSettings settings;
    private final KubernetesClient kubernetes;
    private final String identity = identity();
    private final Queue<Runnable> whenLeading = new ConcurrentLinkedQueue<>();
    private volatile boolean leading;
    private volatile boolean stopExpected;

    Leadership(OperatorSettings settings, KubernetesClient kubernetes, MeterRegistry meters) {
        this.settings = settings;
        this.kubernetes = kubernetes;
        Gauge.builder("ambassador.operator.leading", () -> leads() ? 1 : 0)
                .description("1 when this process reconciles")
                .strongReference(true)
                .register(meters);
    }

    /** The pod's name for people; the rest because two processes of one machine must never take each other for themselves. */
    private static String identity() {
        return System.getenv().getOrDefault("HOSTNAME", "operator") + "_" + UUID.randomUUID();
    }

    @Produces
    @Dependent
    LeaderElectionConfiguration election() {
        if (!settings.leaderElection()) {
            return null;
        }
        return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
                .withIdentity(identity)
                .withLeaseDuration(LEASE_DURATION)
                .withRenewDeadline(RENEW_DEADLINE)
                .withRetryPeriod(RETRY_PERIOD)
                .withLeaderCallbacks(new LeaderCallbacks(this::begins, this::ends, leader -> {}))
                .withExitOnStopLeading(false)
                .build();
    }

    boolean leads() {
        return leading || !settings.leaderElection();
    }

    /** Has {@code work} done once this process leads, on whatever thread tells it so: now, if it does. */
    void whenLeading(Runnable work) {
        whenLeading.add(work);
        if (leads()) {
            doOnce();
        }
    }

    private void doOnce() {
        for (Runnable work = whenLeading.poll(); work != null; work = whenLeading.poll()) {
            work.run();
        }
    }

    private void begins() {
        leading = true;
        LOG.infof("leading as %s", identity);
        doOnce();
    }

    private void ends() {
        leading = false;
        if (!stopExpected) {
            LOG.error("lost the Lease " + LEASE + ": ending, so that only its new holder reconciles");
            OperatorProcess.halt(1);
        }
    }

    /** From now on it is no accident when leading ends. */
    void expectToStop() {
        stopExpected = true;
    }

    /** Gives the Lease away, if it is ours, once nothing of this process reconciles any more. */
    void release() {
        if (!settings.leaderElection()) {
            return;
        }
        try {
            LeaseLock lock = new LeaseLock(kubernetes.getConfiguration().getNamespace(), LEASE, identity);
            LeaderElectionRecord found = lock.get(kubernetes);
            if (found != null && identity.equals(found.getHolderIdentity())) {
                ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
                lock.update(
                        kubernetes,
                        new LeaderElectionRecord("", Duration.ofSeconds(1), now, now, found.getLeaderTransitions()));
                LOG.info("gave the Lease " + LEASE + " away");
            }
        } catch (KubernetesClientException e) {
            LOG.warnf("the Lease %s runs out by itself: %s", LEASE, e.getMessage());
        }
    }
}
