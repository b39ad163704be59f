package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.dependent.RecentOperationCacheFiller;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import link.ambassador.api.v1alpha1.Ambassador;

/**
 * The requests that create, change and take over the objects of one Ambassador. An object is created by POST, because server-side
 * apply would take over an object of the same name, and changed by server-side apply. The apply is forced, because nobody else
 * decides about the fields that it has.
 */
public final class OwnedWrites {
    public static final String FIELD_MANAGER = "ambassador-operator";

    /** The field manager of a POST: the client names none there, so the API server takes its User-Agent. */
    private static final String CREATOR = "fabric8-kubernetes-client";

    private static final PatchContext JSON_PATCH =
            new PatchContext.Builder().withPatchType(PatchType.JSON).build();

    /** How many writes of others may come between the read and the write before that is a failure. */
    private static final int CONFLICTS = 5;

    private final Ambassador owner;
    private final Context<Ambassador> context;
    private final KubernetesClient kubernetes;

    OwnedWrites(Ambassador owner, Context<Ambassador> context) {
        this.owner = owner;
        this.context = context;
        this.kubernetes = context.getClient();
    }

    boolean isOwned(HasMetadata object) {
        List<OwnerReference> owners = object.getMetadata().getOwnerReferences();
        return owners != null
                && owners.stream()
                        .anyMatch(reference -> owner.getMetadata().getUid().equals(reference.getUid())
                                && Boolean.TRUE.equals(reference.getController()));
    }

    /** Sends the write of {@code desired} as a dry run. */
    <T extends HasMetadata> void rehearse(T desired, Optional<T> actual) {
        var attempt = kubernetes.resource(guarded(desired, actual)).dryRun();
        if (actual.isPresent()) {
            attempt.fieldManager(FIELD_MANAGER).forceConflicts().serverSideApply();
        } else {
            attempt.create();
        }
    }

    <T extends HasMetadata> void create(T desired) {
        T created = asApplied(kubernetes.resource(desired).create());
        remember(created, null);
        // What the API server filled in counts as applied by us until the first apply leaves it out.
        serverSideApply(desired, created);
    }

    /** Changes {@code actual}; returns what it is now. */
    <T extends HasMetadata> T apply(T desired, T actual) {
        T applied = asApplied(actual);
        patched(
                applied,
                object -> desired instanceof Deployment wanted && object instanceof Deployment live
                        ? ManagedFields.withoutReplicas(live, wanted, FIELD_MANAGER)
                        : Optional.empty());
        return serverSideApply(desired, actual);
    }

    /** Makes the Ambassador the owner of {@code actual}, unless it is no longer as {@link Adoption#isOf} wants it. */
    <T extends HasMetadata> T adopt(T desired, T actual) {
        T adopted = patched(
                actual,
                object -> Adoption.isOf(object, desired)
                        ? Optional.of(Adoption.patch(object, desired, FIELD_MANAGER))
                        : Optional.empty());
        if (isOwned(adopted)) {
            remember(adopted, null);
        }
        return adopted;
    }

    private <T extends HasMetadata> T serverSideApply(T desired, T actual) {
        T changed = kubernetes
                .resource(guarded(desired, Optional.of(actual)))
                .fieldManager(FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
        remember(changed, actual);
        return changed;
    }

    /** With the uid of the object that was read, so that another object of this name is a conflict. */
    private <T extends HasMetadata> T guarded(T desired, Optional<T> actual) {
        T guarded = kubernetes.getKubernetesSerialization().clone(desired);
        guarded.getMetadata()
                .setUid(actual.map(object -> object.getMetadata().getUid()).orElse(null));
        return guarded;
    }

    /** The same object, with the fields of its POST as applied fields; also if the operator ended right after the POST. */
    private <T extends HasMetadata> T asApplied(T live) {
        return patched(live, object -> ManagedFields.asApplied(object, CREATOR, FIELD_MANAGER));
    }

    /**
     * The object after a JSON patch that holds for one resourceVersion. When somebody else writes meanwhile, such as a controller its
     * status, the object is read again, and the patch is made again.
     *
     * @param patch of an object; empty for none
     */
    private <T extends HasMetadata> T patched(T live, Function<T, Optional<String>> patch) {
        T latest = live;
        for (int left = CONFLICTS; ; left--) {
            Optional<String> json = patch.apply(latest);
            if (json.isEmpty()) {
                return latest;
            }
            try {
                return kubernetes.resource(latest).patch(JSON_PATCH, json.get());
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || left == 0) {
                    throw e;
                }
            }
            latest = kubernetes.resource(live).get();
            if (latest == null
                    || !latest.getMetadata().getUid().equals(live.getMetadata().getUid())) {
                throw new KubernetesClientException(
                        live.getKind() + " " + live.getMetadata().getName() + " was replaced meanwhile: retrying");
            }
        }
    }

    /** Lets the next reconcile see this write, also if the watch has not brought it yet. */
    private <T extends HasMetadata> void remember(T written, T before) {
        @SuppressWarnings("unchecked") // The class of a T, and the event source registered for it.
        var cache = (RecentOperationCacheFiller<T>)
                context.eventSourceRetriever().getEventSourceFor((Class<T>) written.getClass());
        ResourceID id = ResourceID.fromResource(written);
        if (before == null) {
            cache.handleRecentResourceCreate(id, written);
        } else {
            cache.handleRecentResourceUpdate(id, written, before);
        }
    }
}
