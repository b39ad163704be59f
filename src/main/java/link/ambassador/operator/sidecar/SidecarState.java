package link.ambassador.operator.sidecar;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.ExposedPort;
import link.ambassador.model.Placement;
import link.ambassador.model.PodTable;
import link.ambassador.model.PodTable.LeftOut;
import link.ambassador.model.RelayPodDefaults;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarLoops;
import link.ambassador.model.TableOutcome;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.sidecar.PodTableWriter.Told;
import link.ambassador.operator.status.Acceptance;
import link.ambassador.operator.status.AmbassadorEvent;
import link.ambassador.operator.status.ObservedRelay;
import link.ambassador.operator.status.ObservedState;

/**
 * What is seen of one Ambassador's sidecars at one moment.
 *
 * @param acceptance whether all its links are in the tables of the pods that it selects
 * @param before the table that its pods were to serve when it was last looked at; empty when it was not
 * @param served the one that they are to serve now
 * @param selected how many pods it selects, terminating ones not counted
 * @param relays those of them that have a relay, terminating ones too, by name
 * @param restartNeeded what cannot be done for pods that run: a sentence with the command that does it
 * @param ongoing what is to be heard of once for as long as it is so
 */
public record SidecarState(
        Acceptance acceptance,
        Optional<LinkTable> before,
        Optional<LinkTable> served,
        int selected,
        List<ObservedRelay> relays,
        Optional<ObservedState.Restart> restartNeeded,
        List<AmbassadorEvent> ongoing) {

    /**
     * As a status reports it.
     *
     * @param version of this operator
     */
    public ObservedState observed(Ambassador ambassador, String version, Instant now) {
        return new ObservedState(
                ambassador.getMetadata().getGeneration(),
                acceptance,
                served,
                before,
                Placement.SIDECAR.word(),
                selected,
                relays,
                restartNeeded,
                ongoing,
                false,
                RelayEnvironment.DEFAULT_ADMIN_PORT,
                version,
                now);
    }

    /**
     * What an Ambassador is seen with.
     *
     * @param selected the pods that it selects and that have not ended
     * @param told what each pod was told; empty when it was not looked at yet
     * @param tables the one that each pod is to serve, also before it was told; empty when that is not known
     * @param services the ports of a Service of its namespace, by its name
     */
    record Around(
            List<ConsumerPod> selected,
            Function<ConsumerPod, Optional<Told>> told,
            Function<ConsumerPod, Optional<PodTable>> tables,
            Function<String, Set<ExposedPort>> services) {}

    static SidecarState of(SidecarAmbassador ambassador, Around around, Optional<LinkTable> before) {
        Optional<LinkTable> asked = ambassador.outcome() instanceof TableOutcome.Table table
                ? Optional.of(table.table())
                : Optional.empty();
        List<ConsumerPod> present = around.selected().stream()
                .filter(pod -> !pod.relay().terminating())
                .toList();
        List<ConsumerPod> living = present.stream()
                .filter(pod -> pod.injected() || pod.obstacle().isEmpty())
                .toList();
        return new SidecarState(
                acceptance(ambassador, living, around),
                before,
                asked.or(() -> before),
                living.size(),
                around.selected().stream()
                        .filter(ConsumerPod::injected)
                        .map(pod -> new ObservedRelay(
                                pod.relay(),
                                known(ambassador, asked, around.told().apply(pod))))
                        .sorted(Comparator.comparing(relay -> relay.pod().name()))
                        .toList(),
                RestartAdvice.needed(
                        living,
                        living.stream()
                                .filter(pod -> mayNotListen(
                                        pod,
                                        known(ambassador, asked, around.told().apply(pod))))
                                .toList(),
                        asked),
                Stream.concat(NotInjected.events(present).stream(), RestartAdvice.event(living, asked).stream())
                        .toList());
    }

    private static Acceptance acceptance(SidecarAmbassador ambassador, List<ConsumerPod> pods, Around around) {
        if (!(ambassador.outcome() instanceof TableOutcome.Table asked)) {
            TableOutcome.Refused refused = (TableOutcome.Refused) ambassador.outcome();
            return new Acceptance(refused.reason(), refused.sentence());
        }
        List<Link> own = asked.table().links();
        List<ShadowedServices.Inside> inside = new ArrayList<>();
        Optional<Acceptance> dialsItself = Optional.empty();
        for (ConsumerPod pod : pods) {
            Optional<PodTable> table = around.tables().apply(pod);
            Optional<LeftOut> leftOut =
                    table.flatMap(it -> it.leftOut(ambassador).findFirst());
            if (leftOut.isPresent()) {
                return refusal(leftOut.get(), pod);
            }
            List<Link> links = table.map(it -> it.table().links()).orElse(List.of());
            dialsItself = dialsItself.or(() -> dialsItself(own, links, pod));
            if (table.isPresent()) {
                // The pod may not have been looked at since the edit: what it has of it soon is not missing.
                inside.add(new ShadowedServices.Inside(
                        pod.names(), Stream.concat(links.stream(), own.stream()).toList()));
            }
        }
        return dialsItself
                .or(() -> ShadowedServices.sentence(
                                own.stream().map(Link::alias).toList(),
                                inside,
                                around.services(),
                                ambassador.namespace())
                        .map(sentence -> new Acceptance(ConditionReason.SERVICE_SHADOWED, sentence)))
                .orElse(Acceptance.ACCEPTED);
    }

    /** Within one Ambassador this never comes so far. */
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
            case TOO_MANY_AMBASSADORS ->
                new Acceptance(
                        ConditionReason.TABLE_TOO_LARGE,
                        port + " is not served: a pod gets the links of at most " + PodTable.MOST_AMBASSADORS
                                + " Ambassadors, and that many older ones select it. Put several links into one"
                                + " Ambassador.");
        };
    }

    /** Only if the relay says so: some container runtimes give every pod the right to low ports. */
    private static boolean mayNotListen(ConsumerPod pod, RelaySync known) {
        return pod.injected()
                && !pod.portStart()
                && known.answer().stream()
                        .flatMap(answer -> answer.links().stream())
                        .anyMatch(link -> link.listen() < RelayPodDefaults.FIRST_UNPRIVILEGED_PORT
                                && !link.error().isEmpty());
    }

    /** How a relay stands with this Ambassador's own links: an error of another's is not told here. */
    private static RelaySync known(SidecarAmbassador ambassador, Optional<LinkTable> asked, Optional<Told> told) {
        if (told.isEmpty()) {
            return RelaySync.PENDING;
        }
        Set<Integer> leftOut = told.get()
                .table()
                .leftOut(ambassador)
                .map(left -> left.link().listen())
                .collect(Collectors.toSet());
        List<Link> own = asked.map(LinkTable::links).orElse(List.of()).stream()
                .filter(link -> !leftOut.contains(link.listen()))
                .toList();
        LinkTable table = told.get().table().table();
        if (!table.links().containsAll(own)) {
            // The pod was not looked at since the edit.
            return RelaySync.PENDING;
        }
        Set<Integer> ports = own.stream().map(Link::listen).collect(Collectors.toSet());
        return told.get().known().of(ports, table.revision().orElse(""));
    }
}
