package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import link.ambassador.config.Labels;
import link.ambassador.config.Printable;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.PodTraits;
import link.ambassador.model.SidecarAmbassador;

/**
 * Whether a pod is to have a relay. An obstacle is only reported for a pod that was to have one.
 *
 * @param warnings for the person who creates the pod
 */
record InjectionDecision(InjectionReason reason, List<String> warnings) {
    private static final Set<String> ASKING = Set.of("true", "required");

    /** {@code kubectl debug --copy-to} copies everything of the pod except its labels. */
    private static final String COPIED =
            "The relay of this copy gets no links: no Ambassador selects the pod. Keep its labels"
                    + " (kubectl debug --keep-labels).";

    static InjectionDecision of(PodJson pod, String namespace, Collection<SidecarAmbassador> inItsNamespace) {
        List<String> warnings = new ArrayList<>();
        PodTraits traits = pod.traits(namespace);
        InjectionReason wish = wish(traits, inItsNamespace, warnings);
        InjectionReason reason = wish.injects() ? unlessObstructed(wish, pod, traits) : wish;
        if (reason != wish) {
            warnings.add("No Ambassador relay was injected: " + reason.sentence());
        }
        if (reason == InjectionReason.NOT_SELECTED && pod.relay().isPresent()) {
            warnings.add(COPIED);
        }
        return new InjectionDecision(reason, List.copyOf(warnings));
    }

    private static InjectionReason wish(
            PodTraits traits, Collection<SidecarAmbassador> inItsNamespace, List<String> warnings) {
        if (traits.isOptedOut()) {
            return InjectionReason.OPTED_OUT;
        }
        String asked = traits.labels().getOrDefault(Labels.INJECT, "");
        if (!asked.isEmpty() && !ASKING.contains(asked)) {
            warnings.add("The label " + Labels.INJECT + " is '" + Printable.text(asked)
                    + "', which has no effect: it must be true, required or false.");
        }
        if (inItsNamespace.stream().anyMatch(ambassador -> ambassador.selects(traits.labels()))) {
            return InjectionReason.SELECTED;
        }
        return ASKING.contains(asked) ? InjectionReason.ASKED_BY_LABEL : InjectionReason.NOT_SELECTED;
    }

    private static InjectionReason unlessObstructed(InjectionReason wish, PodJson pod, PodTraits traits) {
        return traits.obstacle()
                .orElseGet(() -> nameIsTaken(pod.spec()) || RelayVolumes.areTaken(pod.spec())
                        ? InjectionReason.NAME_TAKEN
                        : wish);
    }

    private static boolean nameIsTaken(JsonNode spec) {
        for (JsonNode container : spec.path("containers")) {
            if (PodJson.name(container).equals(RelayEnvironment.SIDECAR_CONTAINER)) {
                return true;
            }
        }
        for (JsonNode container : spec.path("initContainers")) {
            if (PodJson.name(container).equals(RelayEnvironment.SIDECAR_CONTAINER) && !PodJson.isRelay(container)) {
                return true;
            }
        }
        return false;
    }
}
