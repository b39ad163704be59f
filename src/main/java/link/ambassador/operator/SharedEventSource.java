package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.javaoperatorsdk.operator.api.reconciler.dependent.RecentOperationCacheFiller;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.EventHandler;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Labels;
import link.ambassador.informer.Informers;

/**
 * Shows the Operator SDK objects that the operator watches anyway. An event source of the SDK's own would watch them once more.
 *
 * <p>Like the SDK's event sources, it has what a reconcile wrote at once, before the watch brings that; and the watch event of such
 * a write leads to no other reconcile.
 */
final class SharedEventSource<R extends HasMetadata> extends AbstractEventSource<R, Ambassador>
        implements Cache<R>, RecentOperationCacheFiller<R>, ResourceEventHandler<R> {
    /** A write whose answer comes after the event of the object's deletion must not bring it back. */
    private static final int DELETED_REMEMBERED = 1000;

    private final Informers<R> informers;
    private final BiPredicate<R, R> differ;

    /** What reconciles wrote and the watch has not brought yet; guarded by this. */
    private final Map<ResourceID, R> written = new HashMap<>();

    /** The uids of the objects that were deleted last; guarded by this. */
    private final Map<String, Boolean> deleted = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > DELETED_REMEMBERED;
        }
    };

    /**
     * Shows the objects of {@code informers}, which others stop.
     *
     * @param informers indexed by {@link Labels#GATEWAY}
     * @param differ whether a reconcile would read something else from the second object than from the first
     */
    SharedEventSource(Class<R> type, Informers<R> informers, BiPredicate<R, R> differ) {
        super(type);
        this.informers = informers;
        this.differ = differ;
        informers.listener(this);
    }

    /** Returns when everything is known that there is. */
    @Override
    public void start() {
        informers.start().toCompletableFuture().join();
        super.start();
    }

    @Override
    public void onAdd(R object) {
        if (!isOwnWrite(object)) {
            reconcile(ambassadorsOf(object));
        }
    }

    @Override
    public void onUpdate(R before, R after) {
        if (!isOwnWrite(after) && differ.test(before, after)) {
            Set<ResourceID> ambassadors = new HashSet<>(ambassadorsOf(before));
            ambassadors.addAll(ambassadorsOf(after));
            reconcile(ambassadors);
        }
    }

    @Override
    public void onDelete(R object, boolean finalStateUnknown) {
        Set<ResourceID> ambassadors = ambassadorsOf(object);
        if (!ambassadors.isEmpty()) {
            synchronized (this) {
                String uid = object.getMetadata().getUid();
                written.values().removeIf(own -> uid.equals(own.getMetadata().getUid()));
                deleted.put(uid, true);
            }
            reconcile(ambassadors);
        }
    }

    /** Whether the event brings what a reconcile wrote, or something older than that. */
    private synchronized boolean isOwnWrite(R object) {
        ResourceID id = ResourceID.fromResource(object);
        R own = written.get(id);
        if (own == null) {
            return false;
        }
        if (version(object) >= version(own)) {
            written.remove(id);
        }
        return version(object) <= version(own);
    }

    private void reconcile(Set<ResourceID> ambassadors) {
        EventHandler handler = getEventHandler();
        // Null until the SDK registers this event source; when it starts, it reconciles every Ambassador.
        if (handler != null) {
            ambassadors.forEach(ambassador -> handler.handleEvent(new Event(ambassador)));
        }
    }

    /** The gateway that it is labelled with, and the Ambassador that owns it, if there is one. */
    private static Set<ResourceID> ambassadorsOf(HasMetadata object) {
        Set<ResourceID> ambassadors = new HashSet<>();
        String namespace = object.getMetadata().getNamespace();
        labelled(object).ifPresent(name -> ambassadors.add(new ResourceID(name, namespace)));
        for (OwnerReference owner :
                Objects.requireNonNullElse(object.getMetadata().getOwnerReferences(), List.<OwnerReference>of())) {
            if (HasMetadata.getKind(Ambassador.class).equals(owner.getKind())) {
                ambassadors.add(new ResourceID(owner.getName(), namespace));
            }
        }
        return ambassadors;
    }

    private static Optional<String> labelled(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getLabels()).map(labels -> labels.get(Labels.GATEWAY));
    }

    @Override
    public void handleRecentResourceCreate(ResourceID id, R resource) {
        remember(id, resource);
    }

    @Override
    public void handleRecentResourceUpdate(ResourceID id, R resource, R before) {
        remember(id, resource);
    }

    private synchronized void remember(ResourceID id, R resource) {
        boolean brought = informers
                .get(id.getNamespace().orElseThrow(), id.getName())
                .filter(known -> version(known) >= version(resource))
                .isPresent();
        if (!brought && !deleted.containsKey(resource.getMetadata().getUid())) {
            written.put(id, resource);
        }
    }

    /** Kubernetes' versions are numbers that grow: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions. */
    private static long version(HasMetadata object) {
        return Long.parseLong(object.getMetadata().getResourceVersion());
    }

    /** Those of the gateway that it is labelled with. */
    @Override
    public synchronized Set<R> getSecondaryResources(Ambassador ambassador) {
        String namespace = ambassador.getMetadata().getNamespace();
        String name = ambassador.getMetadata().getName();
        Map<ResourceID, R> found = new HashMap<>();
        informers
                .byLabel(Labels.GATEWAY, namespace, name)
                .forEach(object -> found.put(ResourceID.fromResource(object), object));
        written.forEach((id, object) -> {
            if (namespace.equals(object.getMetadata().getNamespace())
                    && labelled(object).filter(name::equals).isPresent()) {
                found.put(id, object);
            }
        });
        return new HashSet<>(found.values());
    }

    @Override
    public synchronized Optional<R> get(ResourceID id) {
        R own = written.get(id);
        return own == null ? informers.get(id.getNamespace().orElseThrow(), id.getName()) : Optional.of(own);
    }

    @Override
    public Stream<ResourceID> keys() {
        return informers.all().map(ResourceID::fromResource);
    }

    @Override
    public Stream<R> list(Predicate<R> predicate) {
        return informers.all().filter(predicate);
    }
}
