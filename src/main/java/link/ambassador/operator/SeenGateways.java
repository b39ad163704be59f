package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.link.Link;
import link.ambassador.link.LinkTable;
import link.ambassador.link.LinkTableReader;
import link.ambassador.link.TableReading;
import link.ambassador.operator.desired.DesiredTable;
import link.ambassador.operator.desired.Gateway;
import link.ambassador.operator.desired.GatewayNames;
import link.ambassador.operator.desired.GatewayObjects;
import link.ambassador.operator.desired.TableOutcome;

/** The gateways of the cluster as the caches have them. */
final class SeenGateways {
    private final Context<Ambassador> context;

    SeenGateways(Context<Ambassador> context) {
        this.context = context;
    }

    Gateway of(Ambassador ambassador) {
        GatewayNames names = GatewayNames.of(ambassador);
        String namespace = ambassador.getMetadata().getNamespace();
        return new Gateway(
                namespace,
                ambassador.getMetadata().getName(),
                Instant.parse(ambassador.getMetadata().getCreationTimestamp()),
                ambassador.getMetadata().getUid(),
                names.service(),
                addresses(cached(Service.class, namespace, names.service())),
                asked(ambassador),
                cached(ConfigMap.class, namespace, names.others())
                        .flatMap(SeenGateways::tableIn)
                        .map(LinkTable::links)
                        .orElse(List.of()));
    }

    List<Gateway> others(Ambassador than) {
        return context.getPrimaryCache()
                .list(other ->
                        !other.getMetadata().getUid().equals(than.getMetadata().getUid())
                                && Placement.of(other) == Placement.GATEWAY)
                .map(this::of)
                .toList();
    }

    /** The table in a ConfigMap of ours; empty when somebody made it unreadable, and so to be written anew. */
    static Optional<LinkTable> tableIn(ConfigMap map) {
        return Optional.ofNullable(map.getData())
                .map(data -> data.get(GatewayObjects.LINKS_KEY))
                .map(text -> LinkTableReader.read(text.getBytes(StandardCharsets.UTF_8)))
                .filter(TableReading.Accepted.class::isInstance)
                .map(reading -> ((TableReading.Accepted) reading).table());
    }

    private <T extends HasMetadata> Optional<T> cached(Class<T> type, String namespace, String name) {
        @SuppressWarnings("unchecked") // The event source registered for this type.
        Cache<T> cache = (InformerEventSource<T, Ambassador>)
                context.eventSourceRetriever().getEventSourceFor(type);
        return cache.get(new ResourceID(name, namespace));
    }

    private static Set<String> addresses(Optional<Service> service) {
        List<String> addresses =
                service.map(found -> found.getSpec().getClusterIPs()).orElse(List.of());
        Set<String> real = new HashSet<>(addresses);
        real.remove("None");
        return real;
    }

    private static List<Link> asked(Ambassador ambassador) {
        return DesiredTable.of(ambassador) instanceof TableOutcome.Table table
                ? table.table().links()
                : List.of();
    }
}
