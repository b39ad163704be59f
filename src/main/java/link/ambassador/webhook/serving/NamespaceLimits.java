package link.ambassador.webhook.serving;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import link.ambassador.model.DemandsOfNamespaces;
import link.ambassador.model.NamespaceConstraints;
import org.jboss.logging.Logger;

/** What ResourceQuotas and LimitRanges demand of the pods of a namespace, from caches. Callable from any thread. */
public final class NamespaceLimits implements DemandsOfNamespaces {
    private static final Logger LOG = Logger.getLogger(NamespaceLimits.class);

    private final List<SharedIndexInformer<ResourceQuota>> quotas;
    private final List<SharedIndexInformer<LimitRange>> ranges;

    /** @param namespaces those to know; empty means every namespace */
    public NamespaceLimits(KubernetesClient kubernetes, Set<String> namespaces) {
        quotas = informers(kubernetes.resourceQuotas(), namespaces);
        ranges = informers(kubernetes.limitRanges(), namespaces);
    }

    public void start() {
        all().forEach(SharedIndexInformer::start);
    }

    public void stop() {
        all().forEach(SharedIndexInformer::stop);
    }

    boolean isSynced() {
        return all().allMatch(SharedIndexInformer::hasSynced);
    }

    NamespaceConstraints of(String namespace) {
        return NamespaceConstraints.of(in(namespace, quotas), in(namespace, ranges));
    }

    @Override
    public Optional<NamespaceConstraints> known(String namespace) {
        return isSynced() ? Optional.of(of(namespace)) : Optional.empty();
    }

    private Stream<SharedIndexInformer<?>> all() {
        return Stream.concat(quotas.stream(), ranges.stream());
    }

    private static <T> List<T> in(String namespace, List<SharedIndexInformer<T>> informers) {
        return informers.stream()
                .flatMap(informer -> informer.getIndexer().byIndex(Cache.NAMESPACE_INDEX, namespace).stream())
                .toList();
    }

    private static <T extends HasMetadata, L extends KubernetesResourceList<T>> List<SharedIndexInformer<T>> informers(
            MixedOperation<T, L, Resource<T>> resources, Set<String> namespaces) {
        List<? extends Informable<T>> scopes = namespaces.isEmpty()
                ? List.of(resources.inAnyNamespace())
                : namespaces.stream().map(resources::inNamespace).toList();
        return scopes.stream().map(NamespaceLimits::<T>informer).toList();
    }

    private static <T> SharedIndexInformer<T> informer(Informable<T> scope) {
        return scope.runnableInformer(0).exceptionHandler((started, failure) -> {
            LOG.warnf("restarting a watch of namespace limits: %s", failure.getMessage());
            return true;
        });
    }
}
