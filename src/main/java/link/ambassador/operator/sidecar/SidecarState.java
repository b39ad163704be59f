package link.ambassador.operator.sidecar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.model.ExposedPort;
import link.ambassador.model.Placement;
import link.ambassador.model.PodTable;
import link.ambassador.model.PodTable.LeftOut;
import link.ambassador.model.RelayPodDefaults;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarLoops;
import link.ambassador.model.TableOutcome;
import link.ambassador.model.UnresolvedLink;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.sidecar.PodTableWriter.PodState;
import link.ambassador.operator.status.Acceptance;
import link.ambassador.operator.status.ObservedRelay;
import link.ambassador.operator.status.ObservedState;

/**
 * What is observed of one Ambassador's sidecars at one moment. A pure function of {@link Inputs}; each pod is looked at once.
 */
final class SidecarState {
    /**
     * What an Ambassador is observed with.
     *
     * @param selected the pods that it selects and that have not ended
     * @param states how far each pod is; empty before it was looked at
     * @param tables the table that each pod is to serve, also before it was looked at; empty while that is unknown
     * @param services the ports of a Service of its namespace, by its name
     * @param namesConfigMaps whether a link of it names a ConfigMap
     */
    record Inputs(
            List<ConsumerPod> selected,
            Function<ConsumerPod, Optional<PodState>> states,
            Function<ConsumerPod, Optional<PodTable>> tables,
            Function<String, Set<ExposedPort>> services,
            boolean namesConfigMaps) {}

    /** Why a pod has another link than the Ambassador asks for, although the Ambassador is as it should be. */
    private static final Set<PodTable.Why> PODS_OWN =
            EnumSet.of(PodTable.Why.RELAY_TOO_OLD, PodTable.Why.CREDENTIAL_MISSING);

    private final SidecarAmbassador ambassador;
    private final Inputs inputs;
    private final Optional<LinkTable> desired;
    private final List<ObservedRelay> relays = new ArrayList<>();

    /** The selected pods that are not terminating. */
    private final List<ConsumerPod> present = new ArrayList<>();

    /** Those of them that have a relay, or could have one. */
    private final List<ConsumerPod> injectable = new ArrayList<>();

    /** Those of them whose relay lacks the right to listen on a port. */
    private final List<ConsumerPod> forbidden = new ArrayList<>();

    private SidecarState(SidecarAmbassador ambassador, Inputs inputs) {
        this.ambassador = ambassador;
        this.inputs = inputs;
        this.desired = ambassador.outcome() instanceof TableOutcome.Table table
                ? Optional.of(table.table())
                : Optional.empty();
        inputs.selected().forEach(this::add);
        relays.sort(Comparator.comparing(relay -> relay.pod().name()));
    }

    /**
     * Observes the sidecars of {@code ambassador}.
     *
     * @param before the table that its pods were to serve when it was observed last; empty when it was not
     */
    static ObservedState observe(
            SidecarAmbassador ambassador,
            Inputs inputs,
            Optional<LinkTable> before,
            ObservedState.Reconcile reconcile) {
        return new SidecarState(ambassador, inputs).observed(before, reconcile);
    }

    private ObservedState observed(Optional<LinkTable> before, ObservedState.Reconcile reconcile) {
        boolean dials = ambassador.isInPreflight();
        Optional<LinkTable> served = dials ? ambassador.candidates().or(() -> before) : desired;
        return new ObservedState(
                reconcile,
                Placement.SIDECAR,
                acceptance(),
                new ObservedState.Tables(
                        before,
                        served.or(() -> before).or(() -> desired),
                        unresolved(),
                        dials ? desired : Optional.empty()),
                injectable.size(),
                relays,
                RestartAdvice.needed(injectable, forbidden, desired, credentials()),
                Stream.concat(NotInjected.events(present).stream(), RestartAdvice.event(injectable, desired).stream())
                        .toList(),
                false);
    }

    private List<String> credentials() {
        return ambassador.outcome() instanceof TableOutcome.Table table ? table.credentials() : List.of();
    }

    private Optional<List<UnresolvedLink>> unresolved() {
        return inputs.namesConfigMaps() && ambassador.outcome() instanceof TableOutcome.Table table
                ? Optional.of(table.unresolved())
                : Optional.empty();
    }

    private void add(ConsumerPod pod) {
        RelaySync sync = sync(pod);
        if (pod.isInjected()) {
            relays.add(observed(pod, sync));
        }
        if (pod.relay().terminating()) {
            return;
        }
        present.add(pod);
        if (pod.isInjected() || pod.obstacle().isEmpty()) {
            injectable.add(pod);
            if (mayNotListen(pod, sync)) {
                forbidden.add(pod);
            }
        }
    }

    private ObservedRelay observed(ConsumerPod pod, RelaySync sync) {
        boolean hasNew = ambassador.staged().isEmpty()
                || ambassador.isInPreflight()
                || ambassador.staged().get().hasNew(Optional.of(pod.relay().uid()));
        return ObservedRelay.inStages(pod.relay(), sync, hasNew);
    }

    private Acceptance acceptance() {
        if (ambassador.outcome() instanceof TableOutcome.Refused refused) {
            return new Acceptance(refused.reason(), refused.sentence());
        }
        List<Link> own = desired.orElseThrow().links();
        List<ShadowedServices.PodView> views = new ArrayList<>();
        Optional<Acceptance> dialsItself = Optional.empty();
        for (ConsumerPod pod : injectable) {
            Optional<PodTable> table = inputs.tables().apply(pod);
            // See sync().
            Optional<LeftOut> leftOut = table.flatMap(it -> it.leftOut(ambassador)
                    .filter(left -> !PODS_OWN.contains(left.why()))
                    .findFirst());
            if (leftOut.isPresent()) {
                return refusal(leftOut.get(), pod);
            }
            List<Link> links = table.map(it -> it.table().links()).orElse(List.of());
            dialsItself = dialsItself.or(() -> dialsItself(own, links, pod));
            if (table.isPresent()) {
                // The pod may not have been looked at since the edit, so the links that it will have soon count too.
                views.add(new ShadowedServices.PodView(
                        pod.names(), Stream.concat(links.stream(), own.stream()).toList()));
            }
        }
        return dialsItself
                .or(() -> ShadowedServices.sentence(
                                own.stream().map(Link::alias).toList(),
                                views,
                                inputs.services(),
                                ambassador.namespace())
                        .map(sentence -> new Acceptance(ConditionReason.SERVICE_SHADOWED, sentence)))
                .orElse(Acceptance.ACCEPTED);
    }

    /** Of targets that another Ambassador listens on: a target of its own was refused earlier, with the whole Ambassador. */
    private static Optional<Acceptance> dialsItself(List<Link> own, List<Link> served, ConsumerPod pod) {
        return SidecarLoops.of(own, served.stream().map(Link::listen).collect(Collectors.toSet()))
                .map(found -> new Acceptance(
                        ConditionReason.TARGET_IS_SELF,
                        found.sentence() + " for another Ambassador, for example in pod "
                                + pod.relay().name()
                                + ", and a relay does not dial itself. Name that Ambassador's target instead. Other targets are"
                                + " served."));
    }

    private static Acceptance refusal(LeftOut leftOut, ConsumerPod pod) {
        String port =
                "Port " + leftOut.link().listen() + " of pod " + pod.relay().name();
        return switch (leftOut.why()) {
            case CONFLICT ->
                new Acceptance(
                        ConditionReason.CONFLICT,
                        port + " is Ambassador " + leftOut.holder().orElse("")
                                + "'s, which is older and keeps it. Use"
                                + " another port, or let only one of the two select the pod. The other links are served.");
            case TABLE_TOO_LARGE ->
                new Acceptance(
                        ConditionReason.TABLE_TOO_LARGE,
                        port
                                + " is not served, because the pod's table would not fit into an annotation. Use fewer links or"
                                + " targets in the Ambassadors that select the pod. The other links are served.");
            case CANDIDATE_TOO_LARGE ->
                new Acceptance(
                        ConditionReason.TABLE_TOO_LARGE,
                        port + " keeps its former targets, because the pod's table has no room for the new ones too."
                                + " Use fewer links, targets or certificates in the Ambassadors that select the"
                                + " pod, or the preflight Each. The other links are served.");
            case RELAY_TOO_OLD, CREDENTIAL_MISSING ->
                throw new IllegalStateException("a pod that is too old refuses no Ambassador");
            case TOO_MANY_AMBASSADORS ->
                new Acceptance(
                        ConditionReason.TABLE_TOO_LARGE,
                        port + " is not served: a pod gets the links of at most " + PodTable.MOST_AMBASSADORS
                                + " Ambassadors, and that many older ones select it. Put several links into one"
                                + " Ambassador.");
        };
    }

    /** Only if the relay reports an error: some container runtimes let every pod listen on low ports. */
    private static boolean mayNotListen(ConsumerPod pod, RelaySync sync) {
        return pod.sidecar().filter(sidecar -> !sidecar.portStart()).isPresent()
                && sync.answer().stream()
                        .flatMap(answer -> answer.links().stream())
                        .anyMatch(link -> link.listen() < RelayPodDefaults.FIRST_UNPRIVILEGED_PORT
                                && !link.error().isEmpty());
    }

    private static List<Link> links(SidecarAmbassador ambassador) {
        return ambassador.outcome() instanceof TableOutcome.Table table
                ? table.table().links()
                : List.of();
    }

    /** How far a relay is with this Ambassador's own links; an error of another's link does not count. */
    private RelaySync sync(ConsumerPod pod) {
        Optional<PodState> state = inputs.states().apply(pod);
        if (state.isEmpty()) {
            return RelaySync.PENDING;
        }
        List<Link> tooNew = state.get()
                .table()
                .leftOut(ambassador)
                .filter(left -> left.why() == PodTable.Why.RELAY_TOO_OLD)
                .map(LeftOut::link)
                .toList();
        if (!tooNew.isEmpty()) {
            return RelaySync.tooOld(
                    tooNew,
                    pod.features(),
                    RestartAdvice.commands(List.of(pod)),
                    state.get().sync().answer());
        }
        List<Link> withoutCredential = state.get()
                .table()
                .leftOut(ambassador)
                .filter(left -> left.why() == PodTable.Why.CREDENTIAL_MISSING)
                .map(LeftOut::link)
                .toList();
        if (!withoutCredential.isEmpty()) {
            return RelaySync.withoutCredentials(
                    withoutCredential,
                    pod.credentials(),
                    RestartAdvice.commands(List.of(pod)),
                    state.get().sync().answer());
        }
        Set<Integer> leftOut = state.get()
                .table()
                .leftOut(ambassador)
                .map(left -> left.link().listen())
                .collect(Collectors.toSet());
        List<Link> own = links(ambassador.forPod(Optional.of(pod.relay().uid()))).stream()
                .filter(link -> !leftOut.contains(link.listen()))
                .toList();
        LinkTable table = state.get().table().table();
        if (!table.links().containsAll(own)) {
            // The pod was not looked at since the edit.
            return RelaySync.PENDING;
        }
        Set<Integer> ports = own.stream().map(Link::listen).collect(Collectors.toSet());
        return state.get().sync().of(ports, table.revision().orElse(""));
    }
}
