package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectorBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import link.ambassador.config.Printable;
import org.jboss.logging.Logger;

/**
 * Decides which of several replicas reconciles: the one that holds the Lease {@value #LEASE} in the operator's own namespace. The other
 * replicas keep their caches filled. They take over at once from a leader that stopped in order, and within {@link #LEASE_DURATION}
 * and two tries from one that disappeared.
 *
 * <p>A replica that loses the Lease ends its process, because only then is it certain that it writes nothing any more. The Operator
 * SDK's own election calls {@code System.exit} also when it is stopped on purpose, which never returns during a shutdown
 * (https://github.com/operator-framework/java-operator-sdk/issues/1614), and it trusts the clocks of other replicas ({@link
 * ObservedLock}).
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
    private final String namespace;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "leadership");
        thread.setDaemon(true);
        return thread;
    });
    private CompletableFuture<?> election = CompletableFuture.completedFuture(null);

    /** The latest holder of the Lease other than this process; empty when that released it. */
    private String holder = "";

    private volatile boolean leading;
    private volatile boolean stopExpected;

    Leadership(OperatorSettings settings, KubernetesClient kubernetes, MeterRegistry meters) {
        this.settings = settings;
        this.kubernetes = kubernetes;
        this.namespace = kubernetes.getConfiguration().getNamespace();
        Gauge.builder("ambassador.operator.leading", () -> leads() ? 1 : 0)
                .description("1 when this process reconciles")
                .strongReference(true)
                .register(meters);
    }

    /** The pod's name, for people, and a random part: two processes of one machine must never have the same identity. */
    private static String identity() {
        return System.getenv().getOrDefault("HOSTNAME", "operator") + "_" + UUID.randomUUID();
    }

    /** Competes for the Lease until {@link #release}. Without election this process leads already. */
    void elect() {
        if (!settings.leaderElection()) {
            return;
        }
        LeaderElectionConfig config = new LeaderElectionConfig(
                new ObservedLock(new LeaseLock(namespace, LEASE, identity), System::nanoTime),
                LEASE_DURATION,
                RENEW_DEADLINE,
                RETRY_PERIOD,
                new LeaderCallbacks(this::begins, this::ends, this::follows),
                false,
                LEASE);
        election = new LeaderElectorBuilder(kubernetes, threads)
                .withConfig(config)
                .build()
                .start();
    }

    boolean leads() {
        return leading || !settings.leaderElection();
    }

    /** Runs {@code work} once this process leads: now if it does, otherwise on a thread of the election. */
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

    /** The election calls this with each holder of the Lease, also with this process before {@link #begins}. */
    private void follows(String leader) {
        if (!identity.equals(leader)) {
            holder = leader == null ? "" : leader;
        }
    }

    private void begins() {
        leading = true;
        LOG.infof("leading as %s", identity);
        if (!holder.isEmpty()) {
            String before = holder;
            threads.execute(() -> new Predecessor(kubernetes, namespace).didNotRelease(before, Instant.now()));
        }
        doOnce();
    }

    private void ends() {
        leading = false;
        if (!stopExpected) {
            LOG.error("lost the Lease " + LEASE + ": exiting, so that only its new holder reconciles");
            OperatorProcess.halt(1);
        }
    }

    /** From now on the loss of the Lease is expected. */
    void expectToStop() {
        stopExpected = true;
    }

    /** Releases the Lease if this process holds it. Nothing of this process reconciles any more. */
    void release() {
        if (!settings.leaderElection()) {
            return;
        }
        election.cancel(true);
        try {
            LeaseLock lock = new LeaseLock(namespace, LEASE, identity);
            LeaderElectionRecord found = lock.get(kubernetes);
            if (found != null && identity.equals(found.getHolderIdentity())) {
                ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
                lock.update(
                        kubernetes,
                        new LeaderElectionRecord("", Duration.ofSeconds(1), now, now, found.getLeaderTransitions()));
                LOG.info("released the Lease " + LEASE);
            }
        } catch (KubernetesClientException e) {
            LOG.warnf(
                    "cannot release the Lease %s, which will expire: %s",
                    LEASE, Printable.sentence(String.valueOf(e.getMessage())));
        }
    }
}
