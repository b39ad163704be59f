package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;

/**
 * Brings the objects of one Ambassador to the desired state, and writes only what differs. For one reconcile.
 *
 * <p>An object of the same name that somebody else owns is never touched: server-side apply would take it over without a word.
 * An object that was this Ambassador's and lost its owner is taken over ({@link Adoption}).
 */
final class OwnedResources {
    /** What became of one desired object. */
    enum Outcome {
        UNCHANGED,
        CREATED,
        CHANGED,

        /** An object that is not this Ambassador's has the name. */
        TAKEN
    }

    private final Context<Ambassador> context;
    private final KubernetesClient kubernetes;
    private final OwnedWrites writes;
    private final List<String> adopted = new ArrayList<>();

    OwnedResources(Ambassador owner, Context<Ambassador> context) {
        this.context = context;
        this.kubernetes = context.getClient();
        this.writes = new OwnedWrites(owner, context);
    }

    /** This Ambassador's object of this name in the cache. */
    <T extends HasMetadata> Optional<T> cached(Class<T> type, String name) {
        return context.getSecondaryResourcesAsStream(type)
                .filter(object -> object.getMetadata().getName().equals(name) && writes.isOwned(object))
                .findFirst();
    }

    private <T extends HasMetadata> Optional<T> cached(T desired) {
        @SuppressWarnings("unchecked") // The class of a T.
        Class<T> type = (Class<T>) desired.getClass();
        return cached(type, desired.getMetadata().getName());
    }

    /**
     * Whether an object that is not this Ambassador's has the name of {@code desired}. Asks the API server only about an object that
     * is not there yet.
     *
     * @throws RefusedWrite when the API server refuses to answer
     */
    <T extends HasMetadata> boolean isTaken(T desired) {
        if (cached(desired).isPresent()) {
            return false;
        }
        T actual = unlessRefused(desired, () -> kubernetes.resource(desired).get());
        return actual != null && !writes.isOwned(actual) && !Adoption.isOf(actual, desired);
    }

    /** The objects that had no owner and were taken over: {@code Service redis}, … */
    List<String> adopted() {
        return List.copyOf(adopted);
    }

    /**
     * Sends the writes of {@link #settle} as dry runs, so that none of several writes is done when one of them would be refused. The
     * first write needs no dry run, because a refusal of it leaves nothing half done.
     *
     * @throws RefusedWrite when the API server would refuse a write
     */
    void rehearse(Collection<HasMetadata> desired) {
        desired.stream().filter(this::differs).skip(1).forEach(object -> {
            try {
                writes.rehearse(object, cached(object));
            } catch (KubernetesClientException e) {
                // The write itself meets any other answer too, and handles it.
                RefusedWrite.of(object, e).ifPresent(refused -> {
                    throw refused;
                });
            }
        });
    }

    /**
     * Creates the object, or changes it if it differs.
     *
     * @throws RefusedWrite when the API server refuses that
     */
    <T extends HasMetadata> Outcome settle(T desired) {
        Optional<T> actual = cached(desired);
        return unlessRefused(desired, () -> actual.isPresent() ? change(desired, actual.get()) : create(desired));
    }

    private <T extends HasMetadata> Outcome change(T desired, T actual) {
        if (matches(actual, desired)) {
            return Outcome.UNCHANGED;
        }
        T changed = writes.apply(desired, actual);
        return changed.getMetadata()
                        .getResourceVersion()
                        .equals(actual.getMetadata().getResourceVersion())
                ? Outcome.UNCHANGED
                : Outcome.CHANGED;
    }

    private <T extends HasMetadata> Outcome create(T desired) {
        try {
            writes.create(desired);
            return Outcome.CREATED;
        } catch (KubernetesClientException e) {
            if (GoingNamespace.isCauseOf(e)) {
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
        if (!writes.isOwned(actual)) {
            if (!Adoption.isOf(actual, desired)) {
                return Outcome.TAKEN;
            }
            actual = writes.adopt(desired, actual);
            if (!writes.isOwned(actual)) {
                return Outcome.TAKEN;
            }
            adopted.add(desired.getKind() + " " + desired.getMetadata().getName());
        }
        return change(desired, actual);
    }

    /**
     * Sends the deletions of {@link #deleteOthers} as dry runs.
     *
     * @throws RefusedWrite when the API server would refuse a deletion
     */
    <T extends HasMetadata> void rehearseDeletion(Class<T> type, Optional<String> kept) {
        others(type, kept)
                .forEach(object -> unlessRefused(
                        object, () -> kubernetes.resource(object).dryRun().delete()));
    }

    /**
     * Deletes this Ambassador's objects of a type.
     *
     * @param kept the name of an object that stays; empty to delete all
     * @throws RefusedWrite when the API server refuses that
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
                .filter(writes::isOwned)
                .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
                .filter(object ->
                        kept.filter(object.getMetadata().getName()::equals).isEmpty());
    }

    private static <R> R unlessRefused(HasMetadata object, Supplier<R> request) {
        try {
            return request.get();
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
}
