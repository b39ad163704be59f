package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import link.ambassador.config.Printable;
import link.ambassador.model.ExposedPort;
import link.ambassador.model.NamespaceServices;
import org.jboss.logging.Logger;

/**
 * The ports of Services, kept up to date by a watch from {@link #start} to {@link #stop}: of every namespace, or of those that
 * the operator is limited to. Gateways' Services are Services like any other. It only makes warnings, so nobody waits until it
 * is filled.
 *
 * <p>Cannot be started again. Callable from any thread.
 */
public final class ServiceCache implements NamespaceServices {
    private static final Logger LOG = Logger.getLogger(ServiceCache.class);

    private final KubernetesClient kubernetes;
    private final Set<String> namespaces;
    private final List<BiConsumer<String, String>> listeners = new CopyOnWriteArrayList<>();
    private volatile List<SharedIndexInformer<Service>> informers = List.of();

    /** @param namespaces those whose Services are wanted; empty means every namespace */
    public ServiceCache(KubernetesClient kubernetes, Set<String> namespaces) {
        this.kubernetes = kubernetes;
        this.namespaces = Set.copyOf(namespaces);
    }

    /** Begins to fill it, and does not wait for that. */
    public void start() {
        List<? extends Informable<Service>> scopes = namespaces.isEmpty()
                ? List.of(kubernetes.services().inAnyNamespace())
                : namespaces.stream()
                        .map(namespace -> kubernetes.services().inNamespace(namespace))
                        .toList();
        informers = scopes.stream().map(this::informer).toList();
        informers.forEach(SharedIndexInformer::start);
    }

    public void stop() {
        informers.forEach(SharedIndexInformer::stop);
    }

    /**
     * Has {@code changed} told of each Service, by namespace and name, whose ports are others than before.
     *
     * @param changed is called by the threads that the cache is filled by; it must not wait for anything
     */
    public void listen(BiConsumer<String, String> changed) {
        listeners.add(changed);
    }

    @Override
    public Set<ExposedPort> ports(String namespace, String service) {
        String key = Cache.namespaceKeyFunc(namespace, service);
        return informers.stream()
                .map(informer -> informer.getStore().getByKey(key))
                .filter(Objects::nonNull)
                .findFirst()
                .map(ServiceCache::ports)
                .orElse(Set.of());
    }

    private SharedIndexInformer<Service> informer(Informable<Service> scope) {
        return scope.runnableInformer(0)
                .itemStore(new ReducedStore<>(ServiceCache::reduced))
                .exceptionHandler((started, failure) -> {
                    LOG.warnf(
                            "restarting a Service watch: %s", Printable.sentence(String.valueOf(failure.getMessage())));
                    return true;
                })
                .addEventHandler(new Handler(this::tell));
    }

    private void tell(Service service) {
        listeners.forEach(listener -> listener.accept(
                service.getMetadata().getNamespace(), service.getMetadata().getName()));
    }

    private static Set<ExposedPort> ports(Service service) {
        return named(service).stream()
                .map(port -> new ExposedPort(
                        port.getPort(), Objects.requireNonNullElse(port.getProtocol(), ExposedPort.TCP)))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<ServicePort> named(Service service) {
        return Optional.ofNullable(service.getSpec())
                .map(spec -> spec.getPorts())
                .orElse(List.of());
    }

    private static Service reduced(Service service) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .withUid(service.getMetadata().getUid())
                .withResourceVersion(service.getMetadata().getResourceVersion())
                .endMetadata()
                .withNewSpec()
                .withPorts(named(service).stream()
                        .map(port -> new ServicePortBuilder()
                                .withPort(port.getPort())
                                .withProtocol(port.getProtocol())
                                .build())
                        .toList())
                .endSpec()
                .build();
    }

    private record Handler(Consumer<Service> changed) implements ResourceEventHandler<Service> {
        @Override
        public void onAdd(Service service) {
            changed.accept(service);
        }

        @Override
        public void onUpdate(Service before, Service after) {
            if (!ports(before).equals(ports(after))) {
                changed.accept(after);
            }
        }

        @Override
        public void onDelete(Service service, boolean finalStateUnknown) {
            changed.accept(service);
        }
    }
}
