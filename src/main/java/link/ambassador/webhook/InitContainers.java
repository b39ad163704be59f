package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The place of the relay among the init containers: before all of them, so that a migration has its links, but after those of a mesh,
 * through which the relay's own connections go. If a mesh was injected later, the relay is moved again.
 */
final class InitContainers {
    /** The containers of Istio and Linkerd that redirect a pod's traffic, and the proxies that then carry it. */
    private static final Set<String> MESH = Set.of(
            "istio-init",
            "istio-validation",
            "istio-proxy",
            "linkerd-init",
            "linkerd-network-validator",
            "linkerd-proxy");

    private InitContainers() {}

    /** Puts the relay in its place and returns it: the one from an earlier invocation, or an empty one. The others keep their order. */
    static ObjectNode putRelayInto(ObjectNode spec) {
        ArrayNode containers = spec.withArrayProperty("initContainers");
        List<JsonNode> others = new ArrayList<>();
        ObjectNode relay = spec.objectNode();
        int place = 0;
        for (JsonNode container : containers) {
            if (PodJson.isRelay(container)) {
                relay = (ObjectNode) container;
                continue;
            }
            others.add(container);
            if (MESH.contains(PodJson.name(container))) {
                place = others.size();
            }
        }
        others.add(place, relay);
        containers.removeAll().addAll(others);
        return relay;
    }
}
