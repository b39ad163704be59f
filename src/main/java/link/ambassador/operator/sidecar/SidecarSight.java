package link.ambassador.operator.sidecar;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.link.Link;
import link.ambassador.link.LinkTable;
import link.ambassador.operator.delivery.Known;
import link.ambassador.operator.sidecar.PodTables.Told;
import link.ambassador.operator.status.Acceptance;
import link.ambassador.operator.status.Observed;
import link.ambassador.operator.status.RelaySeen;
import link.ambassador.tables.PodTable.LeftOut;
import link.ambassador.tables.SidecarAmbassador;
import link.ambassador.tables.TableOutcome;

/**
 * What is seen of one Ambassador's sidecars at one moment.
 *
 * @param acceptance whether all its links are in the tables of the pods that it selects
 * @param before the table that its pods were to serve when it was last looked at; empty when it was not
 * @param served the one that they are to serve now
 * @param selected how many pods it selects, terminating ones not counted
 * @param relays those of them that have a relay, terminating ones too, by name
 * @param restartNeeded what cannot be done for pods that run: a sentence with the command that does it
 */
public record SidecarSight(
        Acceptance acceptance,
        Optional<LinkTable> before,
        Optional<LinkTable> served,
        int selected,
        List<RelaySeen> relays,
        Optional<Observed.Restart> restartNeeded) {

    static SidecarSight of(
            SidecarAmbassador ambassador,
            List<ConsumerPod> selected,
            Function<ConsumerPod, Optional<Told>> told,
            Optional<LinkTable> before) {
        Optional<LinkTable> asked = ambassador.outcome() instanceof TableOutcome.Table table
                ? Optional.of(table.table())
                : Optional.empty();
        List<ConsumerPod> living =
                selected.stream().filter(pod -> !pod.relay().terminating()).toList();
        return new SidecarSight(
                acceptance(ambassador, living, told),
                before,
                asked.or(() -> before),
                living.size(),
                selected.stream()
                        .filter(ConsumerPod::injected)
                        .map(pod -> new RelaySeen(pod.relay(), known(ambassador, asked, told.apply(pod))))
                        .sorted(Comparator.comparing(relay -> relay.pod().name()))
                        .toList(),
                Restarts.needed(living, asked));
    }

    private static Acceptance acceptance(
            SidecarAmbassador ambassador, List<ConsumerPod> pods, Function<ConsumerPod, Optional<Told>> told) {
        if (ambassador.outcome() instanceof TableOutcome.Refused refused) {
            return new Acceptance(refused.reason(), refused.sentence());
        }
        for (ConsumerPod pod : pods) {
            Optional<LeftOut> leftOut =
                    told.apply(pod).flatMap(it -> leftOut(ambassador, it).findFirst());
            if (leftOut.isPresent()) {
                return refusal(leftOut.get(), pod);
            }
        }
        return Acceptance.ACCEPTED;
    }

    private static Acceptance refusal(LeftOut leftOut, ConsumerPod pod) {
        String port =
                "Port " + leftOut.link().listen() + " of pod " + pod.relay().name();
        return switch (leftOut.why()) {
            case CONFLICT ->
                new Acceptance(
                        ConditionReason.CONFLICT,
                        port + " is Ambassador " + leftOut.holder().orElse("")
                                + "'s, which is older and keeps it: listen on"
                                + " another port, or let only one of the two select the pod. The other links are served.");
            case TABLE_TOO_LARGE ->
                new Acceptance(
                        ConditionReason.TABLE_TOO_LARGE,
                        port
                                + " is not served, because the pod's table would not fit into an annotation: use fewer links or"
                                + " targets in the Ambassadors that select it. The other links are served.");
        };
    }

    private static Stream<LeftOut> leftOut(SidecarAmbassador ambassador, Told told) {
        return told.table().leftOut().stream().filter(left -> left.by().uid().equals(ambassador.uid()));
    }

    /** How a relay stands with this Ambassador's own links: an error of another's is not told here. */
    private static Known known(SidecarAmbassador ambassador, Optional<LinkTable> asked, Optional<Told> told) {
        if (told.isEmpty()) {
            return Known.NOT_ASKED;
        }
        Set<Integer> leftOut = leftOut(ambassador, told.get())
                .map(left -> left.link().listen())
                .collect(Collectors.toSet());
        List<Link> own = asked.map(LinkTable::links).orElse(List.of()).stream()
                .filter(link -> !leftOut.contains(link.listen()))
                .toList();
        LinkTable table = told.get().table().table();
        if (!table.links().containsAll(own)) {
            // The pod was not looked at since the edit.
            return Known.NOT_ASKED;
        }
        Set<Integer> ports = own.stream().map(Link::listen).collect(Collectors.toSet());
        return told.get().known().of(ports, table.revision().orElse(""));
    }
}
