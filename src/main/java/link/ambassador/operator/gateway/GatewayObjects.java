package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.GatewayPlacement;
import link.ambassador.config.Labels;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableWriter;

/**
 * The objects of a gateway as they should be, each owned by its Ambassador.
 *
 * <p>They hold only what we decide, and no number of replicas when that is not for us to decide, as the API server stores it: to apply one again changes nothing. The Service and the
 * ConfigMap follow the link table; the Deployment and the PodDisruptionBudget do not know it.
 *
 * @param disruptionBudget empty for a single relay: a budget would block every drain of its node
 */
public record GatewayObjects(
        Service service, ConfigMap configMap, Deployment deployment, Optional<PodDisruptionBudget> disruptionBudget) {
    /** The key of the ConfigMap, and the name of the file in the pod. */
    public static final String LINKS_KEY = "links.json";

    /**
     * The gateway of {@code ambassador} that serves {@code table}.
     *
     * @param ambassador as an API server gave it, with its uid
     * @param table what the relays are to serve, which is not what the spec says while that is refused; at least one link,
     *     because there is no Service without ports
     */
    public static GatewayObjects of(
            Ambassador ambassador, LinkTable table, GatewaySettings settings, GatewaySurroundings surroundings) {
        GatewayNames names = GatewayNames.of(ambassador);
        Optional<Integer> asked = replicas(ambassador);
        int replicas = asked.or(() -> surroundings
                        .deployment()
                        .map(deployment -> deployment.getSpec().getReplicas()))
                .orElse(1);
        return new GatewayObjects(
                service(ambassador, names, table),
                configMap(ambassador, names, table),
                GatewayDeployment.of(ambassador, names, asked, surroundings.resources(ambassador), settings),
                replicas > 1 ? Optional.of(disruptionBudget(ambassador, names)) : Optional.empty());
    }

    /** All of them in the order of their creation: if the Service's name is taken, nothing else must be made. */
    public List<HasMetadata> all() {
        List<HasMetadata> all = new ArrayList<>(List.of(service, configMap, deployment));
        disruptionBudget.ifPresent(all::add);
        return all;
    }

    /**
     * How many relays the Ambassador asks for. When it does not say, the number is left to whoever sets it: an autoscaler, or a
     * person. The API server begins with one, which is what the smallest resource asks for: it costs one pod, and updates
     * replace it without a gap. A second one is for whoever must outlive a lost node.
     */
    private static Optional<Integer> replicas(Ambassador ambassador) {
        return GatewayNames.placement(ambassador).map(GatewayPlacement::replicas);
    }

    /** What the pods of the gateway of {@code ambassador} are selected by, in its namespace. */
    public static Map<String, String> selector(Ambassador ambassador) {
        return Map.of(Labels.GATEWAY, ambassador.getMetadata().getName());
    }

    static Map<String, String> labels(Ambassador ambassador) {
        String name = ambassador.getMetadata().getName();
        // Sorted, so that the same objects are the same bytes too.
        return new TreeMap<>(Map.of(
                Labels.GATEWAY, name,
                Labels.APP_NAME, "ambassador",
                Labels.APP_INSTANCE, name,
                Labels.APP_COMPONENT, "gateway",
                Labels.APP_PART_OF, "ambassador",
                Labels.APP_MANAGED_BY, "ambassador-operator"));
    }

    static ObjectMeta metadata(Ambassador ambassador, String name) {
        return new ObjectMetaBuilder()
                .withNamespace(ambassador.getMetadata().getNamespace())
                .withName(name)
                .withLabels(labels(ambassador))
                .addNewOwnerReference()
                .withApiVersion(ambassador.getApiVersion())
                .withKind(ambassador.getKind())
                .withName(ambassador.getMetadata().getName())
                .withUid(ambassador.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .endOwnerReference()
                .build();
    }

    private static Service service(Ambassador ambassador, GatewayNames names, LinkTable table) {
        return new ServiceBuilder()
                .withMetadata(metadata(ambassador, names.service()))
                .withNewSpec()
                .withSelector(selector(ambassador))
                .withPorts(
                        table.links().stream().map(link -> port(link.listen())).toList())
                .endSpec()
                .build();
    }

    /** With its protocol, which is part of the key of this list: server-side apply takes a port without one for another. */
    private static ServicePort port(int port) {
        return new ServicePortBuilder()
                .withName("tcp-" + port)
                .withProtocol("TCP")
                .withPort(port)
                .withTargetPort(new IntOrString(port))
                .build();
    }

    private static ConfigMap configMap(Ambassador ambassador, GatewayNames names, LinkTable table) {
        return new ConfigMapBuilder()
                .withMetadata(metadata(ambassador, names.others()))
                .withData(Map.of(LINKS_KEY, new String(LinkTableWriter.write(table), StandardCharsets.UTF_8)))
                .build();
    }

    private static PodDisruptionBudget disruptionBudget(Ambassador ambassador, GatewayNames names) {
        return new PodDisruptionBudgetBuilder()
                .withMetadata(metadata(ambassador, names.others()))
                .withNewSpec()
                .withMaxUnavailable(new IntOrString(1))
                // A relay that serves nobody must not keep a node from being drained.
                .withUnhealthyPodEvictionPolicy("AlwaysAllow")
                .withNewSelector()
                .withMatchLabels(selector(ambassador))
                .endSelector()
                .endSpec()
                .build();
    }
}
