package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Pod;
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
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorSpec;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.config.Version;
import link.ambassador.informer.Informers;
import link.ambassador.model.CaBundle;
import link.ambassador.model.CaBundles;
import link.ambassador.model.DemandsOfNamespaces;
import link.ambassador.model.Placement;
import link.ambassador.operator.delivery.AdminPortPolls;
import link.ambassador.operator.delivery.Deliveries;
import link.ambassador.operator.delivery.PodAnnotations;
import link.ambassador.operator.gateway.GatewayReconciler;
import link.ambassador.operator.gateway.GatewayResult;
import link.ambassador.operator.gateway.GoingNamespace;
import link.ambassador.operator.gateway.OwnedWrites;
import link.ambassador.operator.gateway.SerialRollout;
import link.ambassador.operator.history.Retarget;
import link.ambassador.operator.history.RetargetHistory;
import link.ambassador.operator.sidecar.AmbassadorCache;
import link.ambassador.operator.sidecar.PodTableWriter;
import link.ambassador.operator.sidecar.ServiceCache;
import link.ambassador.operator.sidecar.SidecarController;
import link.ambassador.operator.status.EventRecorder;
import link.ambassador.operator.status.ObservedRelay;
import link.ambassador.operator.status.ObservedState;
import link.ambassador.operator.topology.Topology;
import link.ambassador.operator.trust.CaBundleCache;

/**
 * Reconciles one Ambassador: brings its objects to the desired state, has its table delivered, and reports how far that is. A reconcile
 * reads caches and what is known of the relays; it never waits for a relay. It does nothing before {@link #lead}.
 */
@ControllerConfiguration(name = AmbassadorReconciler.NAME, fieldManager = OwnedWrites.FIELD_MANAGER)
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 500, intervalMultiplier = 2, maxInterval = 10_000)
public class AmbassadorReconciler implements Reconciler<Ambassador> {
    static final String NAME = "ambassador";

    /** Of the {@value io.javaoperatorsdk.operator.api.config.ConfigurationService#DEFAULT_RECONCILIATION_THREADS_NUMBER} threads. */
    private static final int MOST_OF_A_NAMESPACE = 16;

    /** An Ambassador that waits is reconciled when its turn comes; or after this time, if the one before it was deleted. */
    private static final Duration LONGEST_WAIT_FOR_TURN = Duration.ofSeconds(2);

    /** How often to forget deleted Ambassadors. */
    private static final Duration BETWEEN_CLEANUPS = Duration.ofMinutes(10);

    /** How soon to look again whether a ConfigMap was read, if nothing tells before. */
    private static final Duration BUNDLE_PENDING = Duration.ofSeconds(2);

    private final OperatorSettings settings;
    private final String version;
    private final Vertx vertx;
    private final AmbassadorCache cache;
    private final ServiceCache services;
    private final DemandsOfNamespaces demands;
    private final CaBundleCache bundles;
    private final MeterRegistry registry;
    private final OperatorMeters meters;
    private final Clock clock = Clock.systemUTC();
    private SimpleInboundEventSource<Ambassador> events;
    private volatile Cache<Ambassador> ambassadors;
    private volatile boolean leads;
    private final Attempts attempts = new Attempts();
    private final ReconcileFailures failures = new ReconcileFailures(attempts);
    private final Topology topology = new Topology(clock);
    private final ReconcileTurns turns = new ReconcileTurns(MOST_OF_A_NAMESPACE);
    private Deliveries deliveries;
    private EventRecorder recorder;
    private StatusReporter reporter;
    private volatile RetargetHistory history;
    private GatewayReconciler gateways;
    private GatewayRelays gatewayRelays;
    private Informers<Pod> pods;
    private volatile SidecarController sidecars;

    /** Made by CDI. */
    public AmbassadorReconciler(
            OperatorSettings settings,
            Vertx vertx,
            MeterRegistry registry,
            AmbassadorCache cache,
            ServiceCache services,
            DemandsOfNamespaces demands,
            CaBundleCache bundles) {
        this.bundles = bundles;
        this.settings = settings;
        this.cache = cache;
        this.services = services;
        this.demands = demands;
        this.version = Version.read();
        this.vertx = vertx;
        this.registry = registry;
        this.meters = new OperatorMeters(registry);
    }

    @Override
    public List<EventSource<?, Ambassador>> prepareEventSources(EventSourceContext<Ambassador> context) {
        ambassadors = context.getPrimaryCache();
        events = new SimpleInboundEventSource<>("relays");
        PodAnnotations annotations = new PodAnnotations(vertx, context.getClient(), registry);
        AdminPortPolls polls =
                new AdminPortPolls(vertx, RelayEnvironment.DEFAULT_ADMIN_PORT, registry, topology::answered);
        deliveries = new Deliveries(vertx, annotations::refresh, polls::poll, events::propagateEvent, id -> ambassadors
                .get(id)
                .isPresent());
        gatewayRelays = new GatewayRelays(deliveries);
        pods = SidecarController.pods(context.getClient(), settings.namespaces());
        sidecars = new SidecarController(
                vertx,
                cache,
                services,
                pods,
                context.getClient(),
                bundles,
                new PodTableWriter.Io(annotations::writeTable, polls::poll),
                (namespace, name) -> events.propagateEvent(new ResourceID(name, namespace)));
        cache.listen(sidecars::ambassadorChanged);
        services.listen(sidecars::serviceChanged);
        recorder = new EventRecorder(context.getClient());
        history = new RetargetHistory(context);
        reporter = new StatusReporter(recorder, history, attempts, meters);
        vertx.setPeriodic(BETWEEN_CLEANUPS.toMillis(), elapsed -> {
            Set<String> existing = ambassadors
                    .list()
                    .map(ambassador -> ambassador.getMetadata().getUid())
                    .collect(Collectors.toSet());
            attempts.retain(existing::contains);
            reporter.retain(existing::contains);
            topology.retain(existing::contains);
            Set<List<String>> named = ambassadors
                    .list()
                    .flatMap(ambassador -> CaBundles.namedBy(ambassador).stream()
                            .map(name -> List.of(ambassador.getMetadata().getNamespace(), name)))
                    .collect(Collectors.toSet());
            bundles.retain((namespace, name) -> named.contains(List.of(namespace, name)));
        });
        gateways = new GatewayReconciler(
                settings.relayImage(),
                settings.clusterDomain(),
                new SerialRollout(id -> ambassadors.get(id).isPresent(), System::nanoTime),
                demands,
                bundles);
        bundles.listen(this::bundleChanged);
        List<EventSource<?, Ambassador>> sources = new ArrayList<>(
                GatewayEventSources.of(context, settings.namespaces().isEmpty(), services.informers(), pods));
        sources.add(history.eventSource());
        sources.add(events);
        return sources;
    }

    @Override
    public UpdateControl<Ambassador> reconcile(Ambassador ambassador, Context<Ambassador> context) {
        if (!leads) {
            return UpdateControl.noUpdate();
        }
        if (CaBundles.namedBy(ambassador).stream()
                .anyMatch(name ->
                        bundles.in(ambassador.getMetadata().getNamespace(), name) instanceof CaBundle.Pending)) {
            return UpdateControl.<Ambassador>noUpdate().rescheduleAfter(BUNDLE_PENDING);
        }
        ResourceID id = ResourceID.fromResource(ambassador);
        if (!turns.begin(id)) {
            return UpdateControl.<Ambassador>noUpdate().rescheduleAfter(LONGEST_WAIT_FOR_TURN);
        }
        var reconcile = new ObservedState.Reconcile(
                ambassador.getMetadata().getName(),
                ambassador.getMetadata().getGeneration(),
                version,
                clock.instant(),
                Optional.ofNullable(ambassador.getSpec()).map(AmbassadorSpec::hold));
        try {
            return switch (Placement.of(ambassador)) {
                case GATEWAY -> reconcileGateway(ambassador, reconcile, context);
                case SIDECAR -> report(ambassador, sidecars.observe(ambassador, reconcile));
            };
        } finally {
            turns.end(id).ifPresent(events::propagateEvent);
        }
    }

    /** The certificates of a ConfigMap may be others now. */
    private void bundleChanged(String namespace, String configMap) {
        cache.bundleChanged(namespace, configMap);
        ambassadors
                .list(ambassador -> ambassador.getMetadata().getNamespace().equals(namespace)
                        && CaBundles.namedBy(ambassador).contains(configMap))
                .map(ResourceID::fromResource)
                .forEach(events::propagateEvent);
    }

    private UpdateControl<Ambassador> reconcileGateway(
            Ambassador ambassador, ObservedState.Reconcile reconcile, Context<Ambassador> context) {
        GatewayResult result;
        try {
            ResourceID id = ResourceID.fromResource(ambassador);
            result = gateways.reconcile(ambassador, context, revision -> deliveries.syncs(id, revision));
        } catch (GoingNamespace quiet) {
            return UpdateControl.<Ambassador>noUpdate().rescheduleAfter(StatusReporter.NOT_ACCEPTED);
        }
        result.adopted().ifPresent(adoption -> recorder.record(ambassador, adoption, reconcile.now()));
        List<ObservedRelay> relays = gatewayRelays.deliver(ResourceID.fromResource(ambassador), result, context);
        return report(ambassador, result.observed(reconcile, relays));
    }

    private UpdateControl<Ambassador> report(Ambassador ambassador, ObservedState observed) {
        topology.observed(ambassador.getMetadata().getUid(), observed.relays());
        return reporter.report(ambassador, observed);
    }

    @Override
    public ErrorStatusUpdateControl<Ambassador> updateErrorStatus(
            Ambassador ambassador, Context<Ambassador> context, Exception e) {
        return e instanceof KubernetesClientException failure
                ? ErrorStatusUpdateControl.<Ambassador>noStatusUpdate()
                        .rescheduleAfter(failures.failed(ambassador, failure))
                : ErrorStatusUpdateControl.defaultErrorProcessing();
    }

    /** From now on this process reconciles; until now it only kept its caches filled, and all of them are. */
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
                .forEach(events::propagateEvent);
    }

    /** Every Ambassador with its latest status; none while another process reconciles. */
    Stream<Ambassador> reconciled() {
        return leads ? ambassadors.list() : Stream.empty();
    }

    /** Every Ambassador in the cache, also while another process reconciles; none before the cache is there. */
    Stream<Ambassador> known() {
        return ambassadors == null ? Stream.empty() : ambassadors.list();
    }

    /** Empty when it is not in the cache. */
    Optional<Ambassador> known(String namespace, String name) {
        return ambassadors == null ? Optional.empty() : ambassadors.get(new ResourceID(name, namespace));
    }

    /** The remembered retargets of an Ambassador, the newest first; none before the cache is there. */
    List<Retarget> retargets(Ambassador ambassador) {
        return history == null ? List.of() : history.of(ambassador);
    }

    /** What this process knows of relays; nothing while another process reconciles. */
    Topology topology() {
        return topology;
    }

    /** Lets {@code stalls} watch the threads that make tables and poll relays. */
    void watchedBy(StallWatch stalls) {
        stalls.watch("deliveries", deliveries::execute);
        stalls.watch("pod tables", sidecars::execute);
    }

    /** Writes to no pod from now on, and watches none; also when the start is not complete. */
    void stop() {
        if (sidecars != null) {
            sidecars.close();
            pods.stop();
        }
    }
}
