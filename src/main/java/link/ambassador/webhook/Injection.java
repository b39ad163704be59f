package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.fabric8.zjsonpatch.JsonDiff;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import link.ambassador.tables.PodTable;
import link.ambassador.tables.SidecarAmbassador;
import link.ambassador.tables.TableOutcome;

/**
 * What is to become of a pod that is being created. A pure function of its arguments: no I/O, no clock, callable from any
 * thread, and it does not fail.
 *
 * @param patch RFC 6902; empty when no relay is injected, or when the pod already is as it should be
 * @param warnings sentences for whoever creates the pod; also when there is no patch
 */
public record Injection(InjectionReason reason, Optional<ArrayNode> patch, List<String> warnings) {
    /**
     * Decides and patches. To apply the patch and ask again gives no patch, also after the API server's defaults; and after
     * others changed the pod in between, a patch that puts the relay right ({@code reinvocationPolicy: IfNeeded}).
     *
     * @param pod as the API server sent it, v1
     * @param namespace the request's, as a pod that is being created need not name it
     * @param inItsNamespace every Ambassador with sidecars there
     */
    public static Injection of(
            JsonNode pod,
            String namespace,
            Collection<SidecarAmbassador> inItsNamespace,
            NamespaceDemands demands,
            InjectionSettings settings) {
        PodDocument document = new PodDocument(pod);
        InjectionDecision decision = InjectionDecision.of(document, namespace, inItsNamespace);
        List<String> warnings = new ArrayList<>(decision.warnings());
        if (!decision.reason().injects()) {
            return new Injection(decision.reason(), Optional.empty(), List.copyOf(warnings));
        }
        AnnotationRoom room = AnnotationRoom.of(document.annotations());
        // The table that a copied pod brings along is another pod's.
        PodTable table = PodTable.of(document.labels(), inItsNamespace, Optional.empty(), room.forTable());
        if (!room.holds(table)) {
            warnings.add("No Ambassador relay was injected: " + InjectionReason.ANNOTATIONS_FULL.sentence());
            return new Injection(InjectionReason.ANNOTATIONS_FULL, Optional.empty(), List.copyOf(warnings));
        }
        inItsNamespace.stream()
                .filter(ambassador -> ambassador.selects(document.labels()))
                .sorted(SidecarAmbassador.BY_AGE)
                .forEach(ambassador -> refusal(ambassador).ifPresent(warnings::add));
        table.leftOut().forEach(left -> warnings.add(sentence(left)));
        JsonNode injected = InjectedPod.of(document, table, demands, settings, warnings);
        ArrayNode patch = (ArrayNode) JsonDiff.asJson(pod, injected);
        return new Injection(
                decision.reason(),
                Optional.of(patch).filter(difference -> !difference.isEmpty()),
                List.copyOf(warnings));
    }

    private static Optional<String> refusal(SidecarAmbassador ambassador) {
        return ambassador.outcome() instanceof TableOutcome.Refused refused
                ? Optional.of("The Ambassador " + ambassador.name() + " gives the pod no links: " + refused.sentence())
                : Optional.empty();
    }

    private static String sentence(PodTable.LeftOut left) {
        String link = "Port " + left.link().listen() + " of the Ambassador "
                + left.by().name() + " is left out: ";
        return switch (left.why()) {
            case CONFLICT -> link + "the older Ambassador " + left.holder().orElse("") + " has it in this pod.";
            case TABLE_TOO_LARGE -> link + "the pod's table would be too large for an annotation.";
        };
    }
}
