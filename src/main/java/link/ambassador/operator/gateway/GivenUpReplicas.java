package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gives up the number of replicas that the operator applied to a Deployment and does not set any more. An apply that only leaves the
 * field out would reset it to the default of one, and end relays that serve
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership).
 */
public final class GivenUpReplicas {
    private static final String SPEC = "f:spec";
    private static final String REPLICAS = "f:replicas";

    private GivenUpReplicas() {}

    /**
     * The JSON patch that does it, to be sent before the apply; for the resourceVersion of {@code live} only. Empty when
     * {@code desired} has a number, or {@code manager} has not applied one.
     */
    public static Optional<String> patch(Deployment live, Deployment desired, String manager) {
        List<ManagedFieldsEntry> entries = live.getMetadata().getManagedFields();
        if (desired.getSpec().getReplicas() != null
                || entries.stream()
                        .noneMatch(entry -> CreatedFields.isApplied(entry, manager)
                                && spec(entry).containsKey(REPLICAS))) {
            return Optional.empty();
        }
        return Optional.of(CreatedFields.patch(
                live,
                entries.stream()
                        .map(entry -> CreatedFields.isApplied(entry, manager) ? without(entry) : entry)
                        .toList()));
    }

    private static ManagedFieldsEntry without(ManagedFieldsEntry entry) {
        Map<String, Object> spec = new LinkedHashMap<>(spec(entry));
        spec.remove(REPLICAS);
        FieldsV1 fields = new FieldsV1();
        entry.getFieldsV1().getAdditionalProperties().forEach(fields::setAdditionalProperty);
        fields.setAdditionalProperty(SPEC, spec);
        return new ManagedFieldsEntryBuilder(entry).withFieldsV1(fields).build();
    }

    @SuppressWarnings("unchecked") // JSON objects.
    private static Map<String, Object> spec(ManagedFieldsEntry entry) {
        return (Map<String, Object>)
                entry.getFieldsV1().getAdditionalProperties().getOrDefault(SPEC, Map.of());
    }
}
