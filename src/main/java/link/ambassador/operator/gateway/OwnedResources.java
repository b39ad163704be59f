package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;

/**
 * Brings the objects of one Ambassador to what is desired, writing only what differs. For one reconcile.
 *
 * <p>An object is made by POST and changed by server-side apply, forced, since what is ours nobody else is to say. One of
 * the same name that another owns is never touched: server-side apply would take it over without a word. One that was ours and lost
 * its owner is taken over ({@link Adoption}).
 */
public final class OwnedResources {
    public static final String FIELD_MANAGER = "ambassador-operator";

    /** Who our POSTs are by: the client names no field manager there, so the API server takes its User-Agent. */
    private static final String CREATOR = "fabric8-kubernetes-client";

    private static final PatchContext JSON_PATCH =
            new PatchContext.Builder().withPatchType(PatchType.JSON).build();

    /** How many writes of others between our read and our write are no failure. */
    private static final int CONFLICTS = 5;

    /** What became of one desired object. */
    enum Outcome {
        UNCHANGED,
        CREATED,
        CHANGED,
        /** The name is taken by an object that is not this Ambassador's. */
        TAKEN
    }

    private final Ambassador owner;
    private final Context<Ambassador> context;
    private final KubernetesClient kubernetes;
    private final List<String> adopted = new ArrayList<>();

    OwnedResources(Ambassador owner, Context<Ambassador> context) {
        this.owner = owner;
        this.context = context;
        this.kubernetes = context.getClient();
    }

    /** What the cache has under this name, if it is this Ambassador's. */
    <T extends HasMetadata> Optional<T> cached(Class<T> type, String name) {
        return context.getSecondaryResourcesAsStream(type)
                .filter(object -> object.getMetadata().getName().equals(name) && isOurs(object))
                .findFirst();
    }

    private <T extends HasMetadata> Optional<T> cached(T desired) {
        @SuppressWarnings("unchecked") // The class of a T.
        Class<T> type = (Class<T>) desired.getClass();
        return cached(type, desired.getMetadata().getName());
    }

    /**
     * Whether the name of the object is taken by one that is not this Ambassador's. Asks only about what is to be created.
     *
     * @throws RefusedWrite when the API server refuses to say
     */
    <T extends HasMetadata> boolean isTaken(T desired) {
        if (cached(desired).isPresent()) {
            return false;
        }
        T actual = unlessRefused(desired, () -> kubernetes.resource(desired).get());
        return actual != null && !isOurs(actual) && !Adoption.isOf(actual, desired);
    }

    /** What was taken over from nobody: {@code Service redis}, … */
    List<String> adopted() {
        return List.copyOf(adopted);
    }

    /**
     * Asks for the writes that {@link #settle} would do, without doing them, so that of several none is done when one of them
     * would be refused. A single one needs no rehearsal, and of several the first does not: a request for each but one.
     *
     * @throws RefusedWrite when the API server would refuse one
     */
    void rehearse(Collection<HasMetadata> desired) {
        desired.stream().filter(this::differs).skip(1).forEach(object -> {
            Optional<HasMetadata> actual = cached(object);
            var attempt = kubernetes.resource(guarded(object, actual)).dryRun();
            try {
                if (actual.isPresent()) {
                    attempt.fieldManager(FIELD_MANAGER).forceConflicts().serverSideApply();
                } else {
                    attempt.create();
                }
            } catch (KubernetesClientException e) {
                // Anything else the write itself meets too, and knows what to do.
                RefusedWrite.of(object, e).ifPresent(refused -> {
                    throw refused;
                });
            }
        });
    }

    /**
     * Creates the object, or changes it if it differs.
     *
     * @throws RefusedWrite when the API server refuses it
     */
    <T extends HasMetadata> Outcome settle(T desired) {
        Optional<T> actual = cached(desired);
        return unlessRefused(desired, () -> actual.isPresent() ? change(desired, actual.get()) : create(desired));
    }

    /**
     * Asks for the deletions that {@link #deleteOthers} would do, without doing them.
     *
     * @throws RefusedWrite when the API server would refuse one
     */
    <T extends HasMetadata> void rehearseDeletion(Class<T> type, Optional<String> kept) {
        others(type, kept)
                .forEach(object -> unlessRefused(
                        object, () -> kubernetes.resource(object).dryRun().delete()));
    }

    /**
     * Deletes what is this Ambassador's and of this type, but for one name; empty for all.
     *
     * @throws RefusedWrite when the API server refuses it
     */
    <T extends HasMetadata> void deleteOthers(Class<T> type, Optional<String> kept) {
        others(type, kept)
                .forEach(object -> unlessRefused(object, () -> kubernetes
                        .resource(object)
                        .lockResourceVersion(object.getMetadata().getResourceVersion())
                        .delete()));
    }

    private <T extends HasMetadata> Stream<T> others(Class<T> type, Optional<String> kept) {
        return context.getSecondaryResourcesAsStream(type)
                .filter(this::isOurs)
                .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
                .filter(object ->
                        kept.filter(object.getMetadata().getName()::equals).isEmpty());
    }

    private static <R> R unlessRefused(HasMetadata object, Supplier<R> write) {
        try {
            return write.get();
        } catch (KubernetesClientException e) {
            throw RefusedWrite.of(object, e)
                    .<RuntimeException>map(refused -> refused)
                    .orElse(e);
        }
    }

    private <T extends HasMetadata> boolean differs(T desired) {
        return cached(desired).filter(actual -> matches(actual, desired)).isEmpty();
    }

    private <T extends HasMetadata> boolean matches(T actual, T desired) {
        return SSABasedGenericKubernetesResourceMatcher.<T>getInstance().matches(actual, desired, context);
    }

    /** Another object of this name since we looked is a conflict, and never taken over. */
    private <T extends HasMetadata> T guarded(T desired, Optional<T> actual) {
        T guarded = kubernetes.getKubernetesSerialization().clone(desired);
        guarded.getMetadata()
                .setUid(actual.map(object -> object.getMetadata().getUid()).orElse(null));
        return guarded;
    }

    private <T extends HasMetadata> Outcome create(T desired) {
        try {
            T created = kubernetes.resource(desired).create();
            T ours = asApplied(created);
            remember(ours, null);
            // Gives up what the API server filled in: it counts as ours too until the first apply.
            apply(desired, ours);
            return Outcome.CREATED;
        } catch (KubernetesClientException e) {
            if (isOfGoingNamespace(e)) {
                throw new GoingNamespace(e);
            }
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
        T actual = kubernetes.resource(desired).get();
        if (actual == null) {
            throw new KubernetesClientException(desired.getKind() + " "
                    + desired.getMetadata().getName() + " exists and could not be read: retrying");
        }
        if (isOurs(actual)) {
            return change(desired, actual);
        }
        return Adoption.isOf(actual, desired) ? adopt(desired, actual) : Outcome.TAKEN;
    }

    private <T extends HasMetadata> Outcome adopt(T desired, T actual) {
        T ours = patched(
                actual,
                object -> Adoption.isOf(object, desired)
                        ? Optional.of(Adoption.patch(object, desired, FIELD_MANAGER))
                        : Optional.empty());
        if (!isOurs(ours)) {
            return Outcome.TAKEN;
        }
        adopted.add(desired.getKind() + " " + desired.getMetadata().getName());
        remember(ours, null);
        return change(desired, ours);
    }

    /**
     * The namespace is being deleted, and nothing can be made in it any more: what is to be made goes with it, and so does who
     * asks for it.
     */
    public static final class GoingNamespace extends RuntimeException {
        private static final long serialVersionUID = 1L;

        GoingNamespace(KubernetesClientException cause) {
            super(cause);
        }
    }

    private static boolean isOfGoingNamespace(KubernetesClientException e) {
        return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                && e.getStatus() != null
                && e.getStatus().getDetails() != null
                && e.getStatus().getDetails().getCauses() != null
                && e.getStatus().getDetails().getCauses().stream()
                        .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
    }

    private <T extends HasMetadata> Outcome change(T desired, T actual) {
        if (matches(actual, desired)) {
            return Outcome.UNCHANGED;
        }
        giveUpReplicas(desired, asApplied(actual));
        return apply(desired, actual);
    }

    private <T extends HasMetadata> void giveUpReplicas(T desired, T actual) {
        patched(
                actual,
                object -> desired instanceof Deployment wanted && object instanceof Deployment live
                        ? GivenUpReplicas.patch(live, wanted, FIELD_MANAGER)
                        : Optional.empty());
    }

    private <T extends HasMetadata> Outcome apply(T desired, T actual) {
        T changed = kubernetes
                .resource(guarded(desired, Optional.of(actual)))
                .fieldManager(FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
        remember(changed, actual);
        return changed.getMetadata()
                        .getResourceVersion()
                        .equals(actual.getMetadata().getResourceVersion())
                ? Outcome.UNCHANGED
                : Outcome.CHANGED;
    }

    /** The same object, with what our POST wrote turned into what we applied; also when we ended right after that POST. */
    private <T extends HasMetadata> T asApplied(T live) {
        return patched(live, object -> CreatedFields.asApplied(object, CREATOR, FIELD_MANAGER));
    }

    /**
     * The object after a JSON patch that holds for one resourceVersion. A controller that writes its status meanwhile is a
     * conflict: then the object is read again, and the patch made again.
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

    /** So that the next reconcile sees what this one wrote, whether or not the watch has told yet. */
    private <T extends HasMetadata> void remember(T written, T before) {
        @SuppressWarnings("unchecked") // The class of a T, and the event source registered for it.
        var source = (InformerEventSource<T, Ambassador>)
                context.eventSourceRetriever().getEventSourceFor((Class<T>) written.getClass());
        ResourceID id = ResourceID.fromResource(written);
        if (before == null) {
            source.handleRecentResourceCreate(id, written);
        } else {
            source.handleRecentResourceUpdate(id, written, before);
        }
    }

    private boolean isOurs(HasMetadata object) {
        List<OwnerReference> owners = object.getMetadata().getOwnerReferences();
        return owners != null
                && owners.stream()
                        .anyMatch(reference -> owner.getMetadata().getUid().equals(reference.getUid())
                                && Boolean.TRUE.equals(reference.getController()));
    }
}
