package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Annotations;
import link.ambassador.config.Link;
import link.ambassador.config.RelayImage;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.PodTable;
import link.ambassador.model.ShadowedService;

/** Makes a pod with a relay from a pod. It can be repeated: nothing is added twice, and what others removed since is added again. */
final class InjectedPod {
    private static final List<String> KINDS = List.of("initContainers", "containers");

    private InjectedPod() {}

    /** A copy of the pod with its relay; empty when the limits of its namespace leave no resources for a relay. */
    static Optional<JsonNode> of(
            PodJson pod,
            PodTable table,
            PodCredentials credentials,
            InjectionReason reason,
            PodNamespace namespace,
            RelayImage relayImage,
            List<String> warnings) {
        ObjectNode injected = pod.copyToInject();
        ObjectNode spec = injected.withObjectProperty("spec");
        Map<String, String> annotations = pod.annotations();
        List<Link> links = table.table().links();

        HostAliases names = HostAliases.putInto(
                spec,
                Aliases.of(table.table(), annotations, warnings),
                pod.relay().map(RelayContainer::listenedOn).orElse(Set.of()),
                warnings);
        ShadowedService.of(names.names(), links, namespace.services())
                .forEach(service -> warnings.add(sentence(service, namespace.name())));
        List<ObjectNode> consumers = consumers(spec);
        LinkEnvironment environment = LinkEnvironment.of(
                links, "true".equals(annotations.get(Annotations.ALIAS_PORT)), consumers.size(), warnings);
        consumers.forEach(consumer -> environment.putInto(consumer, warnings));
        PortStartSysctl.putInto(spec, pod.isOwned(), links, warnings);

        ObjectNode relay = InitContainers.putRelayInto(spec);
        RelayContainer.complete(relay, spec, names, credentials.mounted(), relayImage);
        if (!RelayResources.putInto(relay, spec, annotations, namespace.demands(), warnings)) {
            return Optional.empty();
        }
        RelayVolumes.putInto(spec, credentials.mounted());
        putPullSecretsInto(spec, relayImage);
        AnnotationBudget.put(
                injected.withObjectProperty("metadata").withObjectProperty("annotations"),
                table,
                credentials.mounted(),
                reason);
        return Optional.of(injected);
    }

    /** Beside those of the pod, which already has the ones of its ServiceAccount: that plugin comes before webhooks. */
    private static void putPullSecretsInto(ObjectNode spec, RelayImage relayImage) {
        Set<String> missing = new LinkedHashSet<>(relayImage.pullSecrets());
        spec.path("imagePullSecrets").forEach(secret -> missing.remove(PodJson.name(secret)));
        missing.forEach(
                name -> spec.withArrayProperty("imagePullSecrets").addObject().put("name", name));
    }

    private static String sentence(ShadowedService service, String namespace) {
        return "The relay's name hides " + service.shown() + ": add a link, or use " + service.name() + "." + namespace
                + ".";
    }

    /** All containers except the relay. */
    private static List<ObjectNode> consumers(ObjectNode spec) {
        List<ObjectNode> consumers = new ArrayList<>();
        for (String kind : KINDS) {
            for (JsonNode container : spec.path(kind)) {
                if (!PodJson.isRelay(container)) {
                    consumers.add((ObjectNode) container);
                }
            }
        }
        return List.copyOf(consumers);
    }
}
