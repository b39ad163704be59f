package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.Annotations;
import link.ambassador.config.Feature;
import link.ambassador.config.RelayImage;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.OlderRelay;
import link.ambassador.model.PodTable;
import link.ambassador.model.RelayPodDefaults;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.StagedTargets;
import link.ambassador.model.TableOutcome;

/**
 * What happens to a pod that is being created. A pure function of its arguments: no I/O, no clock, callable from any thread, and it never
 * fails.
 *
 * @param patch RFC 6902; empty when the pod is already as it should be
 * @param warnings sentences for the person who creates the pod; also without a patch
 */
public record Injection(InjectionReason reason, Optional<ArrayNode> patch, List<String> warnings) {
    private static final int MOST_OF_A_KIND = 4;

    /**
     * Decides and patches. For the patched pod, also with the API server's defaults, the patch is empty. If others changed the pod in
     * between, the patch repairs the relay ({@code reinvocationPolicy: IfNeeded}).
     *
     * @param pod as the API server sent it, v1
     */
    public static Injection of(JsonNode pod, PodNamespace namespace, RelayImage relayImage) {
        PodJson document = new PodJson(pod);
        InjectionDecision decision = InjectionDecision.of(document, namespace.name(), namespace.ambassadors());
        List<String> warnings = new ArrayList<>(decision.warnings());
        // The operator cannot see this reason: it caches too little of a pod.
        if (decision.reason() == InjectionReason.NAME_TAKEN || decision.reason() == InjectionReason.WINDOWS) {
            return leftAlone(decision.reason(), document, warnings);
        }
        if (!decision.reason().injects()) {
            return new Injection(decision.reason(), Optional.empty(), List.copyOf(warnings));
        }
        AnnotationBudget budget = AnnotationBudget.of(document.annotations());
        PodCredentials credentials = PodCredentials.of(document, namespace.ambassadors());
        // Not the table in the pod: a copied pod has that of another pod.
        PodTable table = PodTable.of(
                document.labels(),
                // The pod has no uid yet. The operator gives it new targets when its place in the order says so.
                StagedTargets.forPod(namespace.ambassadors(), Optional.empty()),
                new OlderRelay(EnumSet.allOf(Feature.class), credentials.mounted(), Optional.empty()),
                budget.forTable());
        if (!budget.holds(table)) {
            warnings.add("No Ambassador relay was injected: " + InjectionReason.ANNOTATIONS_FULL.sentence());
            return leftAlone(InjectionReason.ANNOTATIONS_FULL, document, warnings);
        }
        List<String> injectedWarnings = new ArrayList<>(warnings);
        injectedWarnings.addAll(credentials.warnings());
        List<SidecarAmbassador> selecting = namespace.ambassadors().stream()
                .filter(ambassador -> ambassador.selects(document.labels()))
                .sorted(SidecarAmbassador.BY_AGE)
                .toList();
        add(
                selecting.stream()
                        .flatMap(ambassador -> refusal(ambassador).stream())
                        .toList(),
                injectedWarnings);
        add(table.leftOut().stream().map(Injection::sentence).toList(), injectedWarnings);
        long beyond = selecting.stream().filter(table::isBeyond).count();
        if (beyond > 0) {
            injectedWarnings.add(beyond + " Ambassadors give the pod no links: " + PodTable.MOST_AMBASSADORS
                    + " older ones select it.");
        }
        Optional<JsonNode> injected = InjectedPod.of(
                document, table, credentials, decision.reason(), namespace, relayImage, injectedWarnings);
        if (injected.isEmpty()) {
            warnings.add("No Ambassador relay was injected: " + InjectionReason.NO_ROOM.sentence());
            return leftAlone(InjectionReason.NO_ROOM, document, warnings);
        }
        return new Injection(decision.reason(), PodPatch.between(pod, injected.get()), List.copyOf(injectedWarnings));
    }

    /**
     * What happens to a pod that is too large to be read: it stays as it is, and gets an annotation with the reason if it was to have
     * a relay.
     *
     * @param pod its metadata; if that is missing too, it is treated as a pod that was to have a relay
     */
    public static Injection ofTooLarge(JsonNode pod, PodNamespace namespace) {
        PodJson document = new PodJson(pod);
        InjectionDecision decision = InjectionDecision.of(document, namespace.name(), namespace.ambassadors());
        List<String> warnings = new ArrayList<>(decision.warnings());
        boolean known = pod.has("metadata");
        if (known && !decision.reason().injects()) {
            return new Injection(decision.reason(), Optional.empty(), List.copyOf(warnings));
        }
        warnings.add("No Ambassador relay was injected: " + InjectionReason.TOO_LARGE.sentence());
        return known
                ? leftAlone(InjectionReason.TOO_LARGE, document, warnings)
                : new Injection(InjectionReason.TOO_LARGE, Optional.empty(), List.copyOf(warnings));
    }

    /** Adds only the first of many warnings of a kind, so that other warnings are shown too. */
    private static void add(List<String> sentences, List<String> warnings) {
        sentences.stream().limit(MOST_OF_A_KIND).forEach(warnings::add);
        if (sentences.size() > MOST_OF_A_KIND) {
            warnings.add("And " + (sentences.size() - MOST_OF_A_KIND) + " more of this kind.");
        }
    }

    /** Leaves a pod without a relay, and annotates it with the reason, for the operator. */
    private static Injection leftAlone(InjectionReason reason, PodJson document, List<String> warnings) {
        ObjectNode pod = document.copyToInject();
        if (AnnotationBudget.holdsReason(document.annotations())) {
            pod.withObjectProperty("metadata")
                    .withObjectProperty("annotations")
                    .put(Annotations.INJECTION_REASON, reason.word());
        }
        return new Injection(reason, PodPatch.between(document.root(), pod), List.copyOf(warnings));
    }

    private static Optional<String> refusal(SidecarAmbassador ambassador) {
        if (ambassador.outcome() instanceof TableOutcome.Refused refused) {
            return Optional.of(
                    "The Ambassador " + ambassador.name() + " gives the pod no links: " + refused.sentence());
        }
        return ((TableOutcome.Table) ambassador.outcome())
                .unresolved().stream()
                        .filter(link -> !link.pending())
                        .findFirst()
                        .map(link -> "The Ambassador " + ambassador.name() + " gives the pod no link on port "
                                + link.listen() + " yet: " + link.sentence());
    }

    private static String sentence(PodTable.LeftOut left) {
        String link = "Port " + left.link().listen() + " of the Ambassador "
                + left.by().name() + " is left out: ";
        return switch (left.why()) {
            case CONFLICT -> link + "the older Ambassador " + left.holder().orElse("") + " has it in this pod.";
            case TABLE_TOO_LARGE -> link + "the pod's table would be too large for an annotation.";
            case CANDIDATE_TOO_LARGE ->
                "Port " + left.link().listen() + " of the Ambassador "
                        + left.by().name()
                        + " has its former targets: the pod's table has no room for the new ones too.";
            case CREDENTIAL_MISSING ->
                link + "a pod can have " + RelayPodDefaults.MOST_CREDENTIALS + " certificates, and this is one more.";
            case RELAY_TOO_OLD -> throw new IllegalStateException("a new pod has a relay of this version");
            case TOO_MANY_AMBASSADORS -> link + PodTable.MOST_AMBASSADORS + " older Ambassadors select this pod.";
        };
    }
}
