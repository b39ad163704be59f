package link.ambassador.model;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.SidecarPlacement;
import link.ambassador.config.Printable;

/**
 * An Ambassador as the API server stores it. It may have been stored under a newer definition, with a shape that this version does not
 * know, and an Ambassador that cannot be read must not hide the others of a list. So lists are read untyped, and this class reads each
 * item by itself.
 */
public final class StoredAmbassador {
    /** Lets the client list Ambassadors without asking the API server for their definition. */
    public static final ResourceDefinitionContext CONTEXT = new ResourceDefinitionContext.Builder()
            .withGroup(Ambassador.GROUP)
            .withVersion(Ambassador.VERSION)
            .withKind("Ambassador")
            .withPlural("ambassadors")
            .withNamespaced(true)
            .build();

    private StoredAmbassador() {}

    /**
     * What {@code stored} means for pods; empty for a gateway. An Ambassador that cannot be read is {@linkplain TableOutcome.Refused
     * refused}. It selects pods by its selector, or as {@code before} if its selector cannot be read either.
     */
    public static Optional<SidecarAmbassador> sidecar(
            GenericKubernetesResource stored,
            KubernetesSerialization serialization,
            Optional<SidecarAmbassador> before,
            CaBundles bundles) {
        try {
            return SidecarAmbassador.of(serialization.convertValue(stored, Ambassador.class), bundles);
        } catch (RuntimeException e) {
            return selector(stored, serialization)
                    .or(() -> before.map(SidecarAmbassador::selector))
                    .map(selector -> new SidecarAmbassador(
                            stored.getMetadata().getNamespace(),
                            stored.getMetadata().getName(),
                            stored.getMetadata().getUid(),
                            Instant.parse(stored.getMetadata().getCreationTimestamp()),
                            selector,
                            new TableOutcome.Refused("it cannot be read by this version: " + firstLine(e))));
        }
    }

    /** Whether a link has a side with TLS, whose certificates of authorities may be in ConfigMaps. */
    public static boolean mayNameConfigMaps(GenericKubernetesResource stored) {
        try {
            return stored.get("spec", "links") instanceof List<?> links
                    && links.stream()
                            .anyMatch(link -> link instanceof Map<?, ?> fields
                                    && (fields.containsKey("upstreamTLS") || fields.containsKey("downstreamTLS")));
        } catch (RuntimeException e) {
            // Of another shape than this version knows.
            return false;
        }
    }

    private static Optional<PodSelector> selector(
            GenericKubernetesResource stored, KubernetesSerialization serialization) {
        try {
            Object sidecar = stored.get("spec", "placement", "sidecar");
            return Optional.ofNullable(serialization.convertValue(sidecar, SidecarPlacement.class))
                    .map(placement -> PodSelector.of(placement.selector()));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Jackson's messages go on with the whole document. */
    private static String firstLine(RuntimeException e) {
        return Printable.sentence(
                String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
}
