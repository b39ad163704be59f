package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Takes over an object of a gateway that has lost its owner: a backup restores objects without owner references, and {@code kubectl
 * delete --cascade=orphan} removes them.
 *
 * <p>An object is taken for a gateway's when it has all labels that the operator sets, selects what the gateway's object selects, and
 * has no controller. So anyone who can write such an object can make it part of the gateway of that name in that namespace, and of
 * nothing else.
 */
public final class Adoption {
    private Adoption() {}

    /** Whether {@code live} was clearly created as {@code desired} is, and has no owner now. */
    public static boolean isOf(HasMetadata live, HasMetadata desired) {
        ObjectMeta metadata = live.getMetadata();
        return metadata.getDeletionTimestamp() == null
                && metadata.getOwnerReferences().stream().noneMatch(owner -> Boolean.TRUE.equals(owner.getController()))
                && Objects.requireNonNullElse(metadata.getLabels(), Map.of())
                        .entrySet()
                        .containsAll(desired.getMetadata().getLabels().entrySet())
                && shape(live).equals(shape(desired));
    }

    /**
     * The JSON patch that makes {@code desired}'s owner the owner of {@code live}, for the resourceVersion of {@code live} only; to be
     * sent before the apply. Unless {@code manager} has applied to the object before, the fields of its creator become fields that
     * {@code manager} applied: see {@link ManagedFields#asApplied}.
     */
    public static String patch(HasMetadata live, HasMetadata desired, String manager) {
        List<Map<String, Object>> patch = new ArrayList<>();
        List<ManagedFieldsEntry> entries = live.getMetadata().getManagedFields();
        if (entries.stream().noneMatch(entry -> ManagedFields.isApplied(entry, manager))) {
            patch.add(operation("replace", "/metadata/managedFields", turned(entries, manager)));
        }
        List<Object> owners = new ArrayList<>(live.getMetadata().getOwnerReferences());
        owners.addAll(desired.getMetadata().getOwnerReferences());
        patch.add(operation("add", "/metadata/ownerReferences", owners));
        patch.add(operation(
                "replace", "/metadata/resourceVersion", live.getMetadata().getResourceVersion()));
        return Serialization.asJson(patch);
    }

    /** With the first entry of the object itself turned: whoever restored it wrote all of it in one request. */
    private static List<ManagedFieldsEntry> turned(List<ManagedFieldsEntry> entries, String manager) {
        List<ManagedFieldsEntry> turned = new ArrayList<>(entries);
        for (int i = 0; i < turned.size(); i++) {
            if (turned.get(i).getSubresource() == null) {
                turned.set(i, ManagedFields.asApplied(turned.get(i), manager));
                return turned;
            }
        }
        return turned;
    }

    /** What distinguishes a gateway's object from one that only has its labels: what it selects, or the link table in it. */
    private static Optional<Object> shape(HasMetadata object) {
        if (object instanceof Service service) {
            return Optional.ofNullable(service.getSpec().getSelector());
        }
        if (object instanceof Deployment deployment) {
            return Optional.ofNullable(deployment.getSpec().getSelector().getMatchLabels());
        }
        if (object instanceof PodDisruptionBudget budget) {
            return Optional.ofNullable(budget.getSpec().getSelector()).map(selector -> selector.getMatchLabels());
        }
        return object instanceof ConfigMap map
                ? Optional.of(
                        Objects.requireNonNullElse(map.getData(), Map.of()).keySet())
                : Optional.empty();
    }

    private static Map<String, Object> operation(String op, String path, Object value) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("op", op);
        operation.put("path", path);
        operation.put("value", value);
        return operation;
    }
}
