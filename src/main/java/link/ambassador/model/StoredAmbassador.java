package link.ambassador.model;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.Optional;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.SidecarPlacement;
import link.ambassador.config.Printable;

/**
 * An Ambassador as the API server has it, which need not be of a shape that this version knows: it may have been stored under
 * a newer definition, and one that cannot be read must not hide the others of a list. So lists are read untyped, and each
 * item by itself, here.
 */
public final class StoredAmbassador {
    /** What a client needs to know to ask for them; it asks nobody else then. */
    public static final ResourceDefinitionContext CONTEXT = new ResourceDefinitionContext.Builder()
            .withGroup(Ambassador.GROUP)
            .withVersion(Ambassador.VERSION)
            .withKind("Ambassador")
            .withPlural("ambassadors")
            .withNamespaced(true)
            .build();

    private StoredAmbassador() {}

    /**
     * What {@code stored} says to pods; empty for a gateway. One that cannot be read is {@linkplain TableOutcome.Refused
     * refused}, and selects what its selector says, or what it selected {@code before} if that cannot be read either.
     */
    public static Optional<SidecarAmbassador> sidecar(
            GenericKubernetesResource stored,
            KubernetesSerialization serialization,
            Optional<SidecarAmbassador> before) {
        try {
            return SidecarAmbassador.of(serialization.convertValue(stored, Ambassador.class));
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

    /** Jackson's messages go on with the whole source. */
    private static String firstLine(RuntimeException e) {
        return Printable.sentence(
                String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
    }
}
