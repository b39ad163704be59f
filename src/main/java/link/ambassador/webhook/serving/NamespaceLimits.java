package link.ambassador.webhook.serving;

import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;
import java.util.Set;
import link.ambassador.informer.Informers;
import link.ambassador.model.DemandsOfNamespaces;
import link.ambassador.model.NamespaceConstraints;

/** What ResourceQuotas and LimitRanges demand of the pods of a namespace, from caches. Callable from any thread. */
public final class NamespaceLimits implements DemandsOfNamespaces {
    private final Informers<ResourceQuota> quotas;
    private final Informers<LimitRange> ranges;

    /** @param namespaces empty for every namespace */
    public NamespaceLimits(KubernetesClient kubernetes, Set<String> namespaces) {
        quotas = Informers.of("ResourceQuotas", kubernetes.resourceQuotas(), namespaces);
        ranges = Informers.of("LimitRanges", kubernetes.limitRanges(), namespaces);
    }

    /** Starts to fill the caches, and does not wait for that. */
    public void start() {
        quotas.start();
        ranges.start();
    }

    public void stop() {
        quotas.stop();
        ranges.stop();
    }

    boolean isSynced() {
        return quotas.isSynced() && ranges.isSynced();
    }

    NamespaceConstraints of(String namespace) {
        return NamespaceConstraints.of(
                quotas.in(namespace).toList(), ranges.in(namespace).toList());
    }

    @Override
    public Optional<NamespaceConstraints> known(String namespace) {
        return isSynced() ? Optional.of(of(namespace)) : Optional.empty();
    }
}
