package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Patches of {@code managedFields}, where server-side apply alone does the wrong thing. Each is a JSON patch that is valid for one
 * resourceVersion only: after a 409, read the object and make the patch again.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/server-side-apply/">Server-Side Apply</a>
 */
final class ManagedFields {
    private static final String UPDATE = "Update";
    private static final String APPLY = "Apply";
    private static final String SPEC = "f:spec";
    private static final String REPLICAS = "f:replicas";

    private ManagedFields() {}

    /**
     * Turns the fields that the operator created by POST into fields that it applied; to be sent after the POST and before the first
     * apply. A POST records its fields as an <i>update</i>. What a later apply leaves out then stays, because the update still claims
     * it: a port that is no longer listened on would stay in its Service forever.
     *
     * @param creator the field manager of the POST; for a client that names none, the API server takes its User-Agent
     * @param manager the field manager of the applies to come
     * @return empty when {@code manager} has applied already, or {@code creator} claims nothing
     */
    static Optional<String> asApplied(HasMetadata live, String creator, String manager) {
        List<ManagedFieldsEntry> entries = live.getMetadata().getManagedFields();
        if (entries.stream().anyMatch(entry -> isApplied(entry, manager))
                || entries.stream().noneMatch(entry -> isOf(entry, creator, UPDATE))) {
            return Optional.empty();
        }
        return Optional.of(patch(
                live,
                entries.stream()
                        .map(entry -> isOf(entry, creator, UPDATE) ? asApplied(entry, manager) : entry)
                        .toList()));
    }

    /** The entry as if {@code manager} had applied its fields. */
    static ManagedFieldsEntry asApplied(ManagedFieldsEntry entry, String manager) {
        return new ManagedFieldsEntryBuilder(entry)
                .withManager(manager)
                .withOperation(APPLY)
                .build();
    }

    /**
     * Gives up the number of replicas that {@code manager} applied and {@code desired} does not set any more; to be sent before the
     * apply. An apply that only leaves the field out would reset it to the default of one, and end relays that serve.
     *
     * @return empty when {@code desired} has a number, or {@code manager} has not applied one
     */
    static Optional<String> withoutReplicas(Deployment live, Deployment desired, String manager) {
        List<ManagedFieldsEntry> entries = live.getMetadata().getManagedFields();
        if (desired.getSpec().getReplicas() != null
                || entries.stream()
                        .noneMatch(entry ->
                                isApplied(entry, manager) && spec(entry).containsKey(REPLICAS))) {
            return Optional.empty();
        }
        return Optional.of(patch(
                live,
                entries.stream()
                        .map(entry -> isApplied(entry, manager) ? withoutReplicas(entry) : entry)
                        .toList()));
    }

    /** The fields below {@code path} that {@code manager} applied; empty when there are none. */
    static Map<String, Object> applied(HasMetadata live, String manager, String... path) {
        return live.getMetadata().getManagedFields().stream()
                .filter(entry -> isApplied(entry, manager))
                .findFirst()
                .map(entry -> member(entry.getFieldsV1().getAdditionalProperties(), path))
                .orElse(Map.of());
    }

    /** The fields below {@code path} of {@code fields}; empty when there are none. */
    @SuppressWarnings("unchecked") // JSON objects.
    static Map<String, Object> member(Map<String, Object> fields, String... path) {
        Map<String, Object> found = fields;
        for (String name : path) {
            found = (Map<String, Object>) found.getOrDefault(name, Map.of());
        }
        return found;
    }

    static boolean isApplied(ManagedFieldsEntry entry, String manager) {
        return isOf(entry, manager, APPLY);
    }

    private static boolean isOf(ManagedFieldsEntry entry, String manager, String operation) {
        return entry.getSubresource() == null
                && operation.equals(entry.getOperation())
                && manager.equals(entry.getManager());
    }

    private static ManagedFieldsEntry withoutReplicas(ManagedFieldsEntry entry) {
        Map<String, Object> spec = new LinkedHashMap<>(spec(entry));
        spec.remove(REPLICAS);
        FieldsV1 fields = new FieldsV1();
        entry.getFieldsV1().getAdditionalProperties().forEach(fields::setAdditionalProperty);
        fields.setAdditionalProperty(SPEC, spec);
        return new ManagedFieldsEntryBuilder(entry).withFieldsV1(fields).build();
    }

    private static Map<String, Object> spec(ManagedFieldsEntry entry) {
        return member(entry.getFieldsV1().getAdditionalProperties(), SPEC);
    }

    private static String patch(HasMetadata live, List<ManagedFieldsEntry> entries) {
        return Serialization.asJson(List.of(
                replace("/metadata/managedFields", entries),
                replace("/metadata/resourceVersion", live.getMetadata().getResourceVersion())));
    }

    private static Map<String, Object> replace(String path, Object value) {
        return Map.of("op", "replace", "path", path, "value", value);
    }
}
