package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns the fields of an object that the operator created by POST into fields that it applied.
 *
 * <p>A POST records its fields as an <i>update</i>. What a later apply leaves out then stays, because the update still claims it: a port
 * that is no longer listened on would stay in its Service forever. Kubernetes describes the same trap, and the same way out, for users
 * of client-side apply
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply).
 */
public final class CreatedFields {
    private static final String UPDATE = "Update";
    private static final String APPLY = "Apply";

    private CreatedFields() {}

    /**
     * The JSON patch that does it, to be sent after the POST and before the first apply. It is valid for the resourceVersion of
     * {@code live} only: after a 409, read the object and call this again. Empty when {@code manager} has applied already, or
     * {@code creator} claims nothing.
     *
     * @param creator the field manager of the POST; for a client that names none, the API server takes its User-Agent
     * @param manager the field manager of the applies to come
     */
    public static Optional<String> asApplied(HasMetadata live, String creator, String manager) {
        List<ManagedFieldsEntry> entries = live.getMetadata().getManagedFields();
        if (entries.stream().anyMatch(entry -> isApplied(entry, manager))
                || entries.stream().noneMatch(entry -> isOf(entry, creator, UPDATE))) {
            return Optional.empty();
        }
        List<ManagedFieldsEntry> turned = entries.stream()
                .map(entry -> isOf(entry, creator, UPDATE)
                        ? new ManagedFieldsEntryBuilder(entry)
                                .withManager(manager)
                                .withOperation(APPLY)
                                .build()
                        : entry)
                .toList();
        return Optional.of(patch(live, turned));
    }

    /** The JSON patch that gives {@code live} these entries, for the resourceVersion of {@code live} only. */
    static String patch(HasMetadata live, List<ManagedFieldsEntry> entries) {
        return Serialization.asJson(List.of(
                replace("/metadata/managedFields", entries),
                replace("/metadata/resourceVersion", live.getMetadata().getResourceVersion())));
    }

    static boolean isApplied(ManagedFieldsEntry entry, String manager) {
        return isOf(entry, manager, APPLY);
    }

    private static Map<String, Object> replace(String path, Object value) {
        return Map.of("op", "replace", "path", path, "value", value);
    }

    private static boolean isOf(ManagedFieldsEntry entry, String manager, String operation) {
        return entry.getSubresource() == null
                && operation.equals(entry.getOperation())
                && manager.equals(entry.getManager());
    }
}
