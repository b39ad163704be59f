package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;
import link.ambassador.model.DesiredTable;
import link.ambassador.model.Placement;

/**
 * The gateways of the cluster, from the caches. Every reconcile looks at all of them, so what was read of a gateway is kept until one of
 * its objects changes. Callable from any thread.
 */
final class GatewayIndex {
    /** @param versions of the Ambassador's spec, of its Service and of its ConfigMap */
    private record Read(List<String> versions, Gateway gateway) {}

    private final Map<String, Read> byUid = new ConcurrentHashMap<>();

    Gateway of(Ambassador ambassador, Context<Ambassador> context) {
        GatewayNames names = GatewayNames.of(ambassador);
        String namespace = ambassador.getMetadata().getNamespace();
        Optional<Service> service = cached(Service.class, namespace, names.service(), context);
        Optional<ConfigMap> map = cached(ConfigMap.class, namespace, names.others(), context);
        List<String> versions =
                List.of(String.valueOf(ambassador.getMetadata().getGeneration()), version(service), version(map));
        return byUid.compute(
                        ambassador.getMetadata().getUid(),
                        (uid, read) -> read != null && read.versions().equals(versions)
                                ? read
                                : new Read(versions, read(ambassador, names, service, map)))
                .gateway();
    }

    List<Gateway> others(Ambassador than, Context<Ambassador> context) {
        List<Ambassador> all = context.getPrimaryCache().list().toList();
        byUid.keySet()
                .retainAll(all.stream()
                        .map(ambassador -> ambassador.getMetadata().getUid())
                        .collect(Collectors.toSet()));
        return all.stream()
                .filter(other ->
                        !other.getMetadata().getUid().equals(than.getMetadata().getUid())
                                && Placement.of(other) == Placement.GATEWAY)
                .map(other -> of(other, context))
                .toList();
    }

    private static Gateway read(
            Ambassador ambassador, GatewayNames names, Optional<Service> service, Optional<ConfigMap> map) {
        return new Gateway(
                ambassador.getMetadata().getNamespace(),
                ambassador.getMetadata().getName(),
                Instant.parse(ambassador.getMetadata().getCreationTimestamp()),
                ambassador.getMetadata().getUid(),
                names.service(),
                addresses(service),
                DesiredTable.whereTheyLead(ambassador),
                map.flatMap(GatewayIndex::tableIn).map(LinkTable::everyLink).orElse(List.of()));
    }

    private static String version(Optional<? extends HasMetadata> object) {
        return object.map(found -> found.getMetadata().getResourceVersion()).orElse("");
    }

    /** The table in a gateway's ConfigMap; empty when somebody made it unreadable, so that the operator writes it again. */
    static Optional<LinkTable> tableIn(ConfigMap map) {
        return Optional.ofNullable(map.getData())
                .map(data -> data.get(GatewayObjects.LINKS_KEY))
                .map(text -> LinkTableReader.read(text.getBytes(StandardCharsets.UTF_8)))
                .filter(ParseResult.Accepted.class::isInstance)
                .map(reading -> ((ParseResult.Accepted) reading).table());
    }

    private static <T extends HasMetadata> Optional<T> cached(
            Class<T> type, String namespace, String name, Context<Ambassador> context) {
        @SuppressWarnings("unchecked") // The event source registered for this type.
        Cache<T> cache = (Cache<T>) context.eventSourceRetriever().getEventSourceFor(type);
        return cache.get(new ResourceID(name, namespace));
    }

    private static Set<String> addresses(Optional<Service> service) {
        List<String> addresses =
                service.map(found -> found.getSpec().getClusterIPs()).orElse(List.of());
        Set<String> real = new HashSet<>(addresses);
        real.remove("None");
        return real;
    }
}
