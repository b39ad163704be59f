package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import link.ambassador.config.Labels;
import link.ambassador.informer.Informers;
import link.ambassador.model.ExposedPort;
import link.ambassador.model.NamespaceServices;

/**
 * The Services of every namespace, or of those that the operator is limited to: gateways' own as they are, and the ports of all
 * others. The ports only lead to warnings, so nobody waits for them. Callable from any thread.
 */
public final class ServiceCache implements NamespaceServices {
    private final Informers<Service> informers;

    /** @param namespaces empty for every namespace */
    public ServiceCache(KubernetesClient kubernetes, Set<String> namespaces) {
        this.informers = Informers.of("Services", kubernetes.services(), namespaces)
                .storedIn(() -> new Informers.TrimmedStore<>(ServiceCache::trimmed))
                .indexedByLabel(Labels.GATEWAY);
    }

    /** See {@link Informers#start}. */
    public CompletionStage<Void> start() {
        return informers.start();
    }

    public void stop() {
        informers.stop();
    }

    /** Whole Services of gateways, found by {@link Labels#GATEWAY}; the others have names and ports only. */
    public Informers<Service> informers() {
        return informers;
    }

    /**
     * Adds a listener.
     *
     * @param changed called with the namespace and the name of each Service whose ports changed, on the informers' threads; must
     *     not block
     */
    public void listen(BiConsumer<String, String> changed) {
        informers.listener(new PortChanges(changed));
    }

    @Override
    public Set<ExposedPort> ports(String namespace, String service) {
        return informers.get(namespace, service).map(ServiceCache::ports).orElse(Set.of());
    }

    private static Set<ExposedPort> ports(Service service) {
        return portsOf(service).stream()
                .map(port -> new ExposedPort(
                        port.getPort(), Objects.requireNonNullElse(port.getProtocol(), ExposedPort.TCP)))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<ServicePort> portsOf(Service service) {
        return Optional.ofNullable(service.getSpec())
                .map(spec -> spec.getPorts())
                .orElse(List.of());
    }

    private static Service trimmed(Service service) {
        if (service.getMetadata().getLabels() != null
                && service.getMetadata().getLabels().containsKey(Labels.GATEWAY)) {
            return service;
        }
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .withUid(service.getMetadata().getUid())
                .withResourceVersion(service.getMetadata().getResourceVersion())
                .endMetadata()
                .withNewSpec()
                .withPorts(portsOf(service).stream()
                        .map(port -> new ServicePortBuilder()
                                .withPort(port.getPort())
                                .withProtocol(port.getProtocol())
                                .build())
                        .toList())
                .endSpec()
                .build();
    }

    private record PortChanges(BiConsumer<String, String> changed) implements ResourceEventHandler<Service> {
        @Override
        public void onAdd(Service service) {
            accept(service);
        }

        @Override
        public void onUpdate(Service before, Service after) {
            if (!ports(before).equals(ports(after))) {
                accept(after);
            }
        }

        @Override
        public void onDelete(Service service, boolean finalStateUnknown) {
            accept(service);
        }

        private void accept(Service service) {
            changed.accept(
                    service.getMetadata().getNamespace(), service.getMetadata().getName());
        }
    }
}
