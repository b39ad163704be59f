package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Printable;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.config.Version;
import link.ambassador.model.DemandsOfNamespaces;
import link.ambassador.model.Placement;
import link.ambassador.operator.delivery.AdminPortPolls;
import link.ambassador.operator.delivery.Deliveries;
import link.ambassador.operator.delivery.PodAnnotations;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelayPolls;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RevisionRefresh;
import link.ambassador.operator.gateway.GatewayPods;
import link.ambassador.operator.gateway.GatewayReconciler;
import link.ambassador.operator.gateway.GatewaySettings;
import link.ambassador.operator.gateway.OwnedResources;
import link.ambassador.operator.gateway.SerialRollout;
import link.ambassador.operator.sidecar.AmbassadorCache;
import link.ambassador.operator.sidecar.ServiceCache;
import link.ambassador.operator.sidecar.SidecarController;
import link.ambassador.operator.status.EventRecorder;
import link.ambassador.operator.status.ObservedRelay;
import org.jboss.logging.Logger;

/**
 * Reconciles one Ambassador: brings its objects to what is desired, has its table delivered, and tells how far that is. Each
 * reconcile reads caches and what is known of the relays; none of them waits for a relay. Nothing is done until {@link #lead}.
 */
@ControllerConfiguration(name = AmbassadorReconciler.NAME, fieldManager = OwnedResources.FIELD_MANAGER)
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 10_000)
public class AmbassadorReconciler implements Reconciler<Ambassador> {
    static final String NAME = "ambassador";

    private static final Logger LOG = Logger.getLogger(AmbassadorReconciler.class);

    /** Somebody else was faster, or deleted the object meanwhile. */
    private static final Set<Integer> RACES = Set.of(HttpURLConnection.HTTP_NOT_FOUND, HttpURLConnection.HTTP_CONFLICT);

    private static final int RACES_LOST = 5;

    /** Of the {@value io.javaoperatorsdk.operator.api.config.ConfigurationService#DEFAULT_RECONCILIATION_THREADS_NUMBER} threads. */
    private static final int MOST_OF_A_NAMESPACE = 16;

    /** Whoever waits is told of its turn; but the one before it may have been deleted, and tells nobody. */
    private static final Duration TURN_AT_THE_LATEST = Duration.ofSeconds(2);

    /** How often what is remembered of deleted Ambassadors is forgotten. */
    private static final Duration FORGETTING = Duration.ofMinutes(10);

    private final OperatorSettings settings;
    private final String version;
    private final Vertx vertx;
    private final AmbassadorCache cache;
    private final ServiceCache services;
    private final DemandsOfNamespaces demands;
    private final OperatorMeters meters;
    private final Clock clock = Clock.systemUTC();
    private SimpleInboundEventSource<Ambassador> told;
    private Cache<Ambassador> ambassadors;
    private volatile boolean leads;
    private final Attempts attempts = new Attempts();
    private final ReconcileTurns turns = new ReconcileTurns(MOST_OF_A_NAMESPACE);
    private Deliveries deliveries;
    private EventRecorder events;
    private StatusReporter reporter;
    private GatewayReconciler gateways;
    private volatile SidecarController sidecars;

    /** Made by CDI. */
    public AmbassadorReconciler(
            OperatorSettings settings,
            Vertx vertx,
            MeterRegistry registry,
            AmbassadorCache cache,
            ServiceCache services,
            DemandsOfNamespaces demands) {
        this.settings = settings;
        this.cache = cache;
        this.services = services;
        this.demands = demands;
        this.version = Version.read();
        this.vertx = vertx;
        this.meters = new OperatorMeters(registry);
    }

    @Override
    public List<EventSource<?, Ambassador>> prepareEventSources(EventSourceContext<Ambassador> context) {
        ambassadors = context.getPrimaryCache();
        told = new SimpleInboundEventSource<>("relays");
        PodAnnotations annotations = new PodAnnotations(vertx, context.getClient());
        RelayPolls questions = meters.counted(new AdminPortPolls(vertx, RelayEnvironment.DEFAULT_ADMIN_PORT));
        deliveries = new Deliveries(
                vertx,
                meters.counted(new RevisionRefresh(annotations)),
                questions,
                told::propagateEvent,
                id -> ambassadors.get(id).isPresent());
        sidecars = new SidecarController(
                vertx,
                cache,
                services,
                settings.namespaces(),
                new SidecarController.Outside(meters.counted(annotations::patch), questions, context.getClient()),
                (namespace, name) -> told.propagateEvent(new ResourceID(name, namespace)));
        cache.listen(sidecars::ambassadorChanged);
        services.listen(sidecars::serviceChanged);
        events = new EventRecorder(context.getClient());
        reporter = new StatusReporter(events, attempts, meters);
        vertx.setPeriodic(FORGETTING.toMillis(), elapsed -> {
            Set<String> living = ambassadors
                    .list()
                    .map(ambassador -> ambassador.getMetadata().getUid())
                    .collect(Collectors.toSet());
            attempts.retain(living::contains);
            reporter.retain(living::contains);
        });
        gateways = new GatewayReconciler(
                new GatewaySettings(settings.relayImage(), Optional.empty()),
                settings.clusterDomain(),
                new SerialRollout(id -> ambassadors.get(id).isPresent(), System::nanoTime),
                demands);
        List<EventSource<?, Ambassador>> sources = new ArrayList<>(
                new GatewayEventSources(context, settings.namespaces().isEmpty()).all());
        sources.add(told);
        return sources;
    }

    @Override
    public UpdateControl<Ambassador> reconcile(Ambassador ambassador, Context<Ambassador> context) {
        if (!leads) {
            return UpdateControl.noUpdate();
        }
        ResourceID id = ResourceID.fromResource(ambassador);
        if (!turns.begin(id)) {
            return UpdateControl.<Ambassador>noUpdate().rescheduleAfter(TURN_AT_THE_LATEST);
        }
        try {
            return switch (Placement.of(ambassador)) {
                case GATEWAY -> reconcileGateway(ambassador, context);
                case SIDECAR ->
                    reporter.report(
                            ambassador, sidecars.see(ambassador).observed(ambassador, version, clock.instant()));
            };
        } finally {
            turns.end(id).ifPresent(told::propagateEvent);
        }
    }

    private UpdateControl<Ambassador> reconcileGateway(Ambassador ambassador, Context<Ambassador> context) {
        Instant now = clock.instant();
        GatewayReconciler.Settled settled;
        try {
            settled = gateways.settle(ambassador, context);
        } catch (OwnedResources.GoingNamespace quiet) {
            return UpdateControl.<Ambassador>noUpdate().rescheduleAfter(StatusReporter.NOT_ACCEPTED);
        }
        settled.adopted().ifPresent(adoption -> events.record(ambassador, adoption, now));
        List<ObservedRelay> relays = deliver(ResourceID.fromResource(ambassador), settled, context);
        return reporter.report(ambassador, settled.observed(ambassador, relays, version, now));
    }

    /** Has the table that is served now delivered to the gateway's pods; returns what is known of them meanwhile. */
    private List<ObservedRelay> deliver(ResourceID id, GatewayReconciler.Settled settled, Context<Ambassador> context) {
        List<RelayPod> pods = GatewayPods.of(settled.deployment(), context).stream()
                .map(RelayPod::of)
                .toList();
        String revision = settled.served().flatMap(LinkTable::revision).orElse("");
        if (!revision.isEmpty()) {
            deliveries.want(id, revision, pods, settled.written());
        }
        Map<String, RelaySync> known = deliveries.known(id, revision);
        return pods.stream()
                .map(pod -> new ObservedRelay(pod, known.getOrDefault(pod.uid(), RelaySync.PENDING)))
                .sorted(Comparator.comparing(relay -> relay.pod().name()))
                .toList();
    }

    /**
     * The API server did not do what it was asked for, or did not answer: that is its word, and no defect of ours, so it is a
     * line of the log and not a stack trace. A race with another writer is one only when it does not end.
     */
    @Override
    public ErrorStatusUpdateControl<Ambassador> updateErrorStatus(
            Ambassador ambassador, Context<Ambassador> context, Exception e) {
        if (!(e instanceof KubernetesClientException failure)) {
            return ErrorStatusUpdateControl.defaultErrorProcessing();
        }
        String uid = ambassador.getMetadata().getUid();
        Duration wait = attempts.failed(uid);
        Throwable root = StartFailure.root(failure);
        boolean race = RACES.contains(failure.getCode()) && attempts.count(uid) < RACES_LOST;
        boolean stopping = root instanceof InterruptedException;
        LOG.logf(
                race || stopping ? Logger.Level.DEBUG : Logger.Level.WARN,
                "cannot reconcile %s/%s, retrying in %d ms: %s",
                ambassador.getMetadata().getNamespace(),
                ambassador.getMetadata().getName(),
                wait.toMillis(),
                Printable.sentence(root));
        return ErrorStatusUpdateControl.<Ambassador>noStatusUpdate().rescheduleAfter(wait);
    }

    /** From now on this process is the one that reconciles; until now it only kept its caches filled. */
    void lead() {
        leads = true;
        reconcileAll(Placement.GATEWAY);
        sidecars.lead(() -> reconcileAll(Placement.SIDECAR));
    }

    private void reconcileAll(Placement placement) {
        ambassadors
                .list()
                .filter(ambassador -> Placement.of(ambassador) == placement)
                .map(ResourceID::fromResource)
                .forEach(told::propagateEvent);
    }

    /** Every Ambassador with its latest status, or none while another process reconciles. */
    Stream<Ambassador> reconciled() {
        return leads ? ambassadors.list() : Stream.empty();
    }

    /** Whether it has every pod that there is. */
    boolean hasPods() {
        SidecarController watching = sidecars;
        return watching != null && watching.hasPods();
    }

    /** Has it watched whether tables and acknowledgements go on. */
    void watchedBy(StallWatch stalls) {
        stalls.watch("deliveries", deliveries::execute);
        stalls.watch("pod tables", sidecars::execute);
    }

    /** Nothing is written to a pod from now on. */
    void stop() {
        if (sidecars != null) {
            sidecars.close();
        }
    }
}
