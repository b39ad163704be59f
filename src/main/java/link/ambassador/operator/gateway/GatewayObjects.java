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
import link.ambassador.api.v1alpha1.GatewayService;
import link.ambassador.config.Labels;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableWriter;
import link.ambassador.config.RelayImage;

/**
 * The objects of a gateway as they should be, each owned by its Ambassador.
 *
 * <p>They contain only the fields that the operator decides about, and no number of replicas when the Ambassador does not set one. To
 * apply one again changes nothing. The Service and the ConfigMap follow the link table; the Deployment and the PodDisruptionBudget do not
 * depend on it.
 *
 * @param disruptionBudget empty for a single relay, because a budget would block every drain of its node
 */
public record GatewayObjects(
        Service service, ConfigMap configMap, Deployment deployment, Optional<PodDisruptionBudget> disruptionBudget) {
    /** The key of the ConfigMap, and the name of the file in the pod. */
    public static final String LINKS_KEY = "links.json";

    /** The default of a Service. Written out, it would change every Service of an older operator. */
    private static final String CLUSTER_IP = "ClusterIP";

    /**
     * The gateway of {@code ambassador} that serves {@code table}.
     *
     * @param ambassador as read from the API server, with its uid
     * @param table the table that the relays are to serve; not that of the spec while the spec is refused. At least one link, because
     *     Kubernetes has no Service without ports
     * @param credentials the Secrets that the relays need
     */
    public static GatewayObjects of(
            Ambassador ambassador,
            LinkTable table,
            List<String> credentials,
            RelayImage relayImage,
            GatewaySurroundings surroundings) {
        GatewayNames names = GatewayNames.of(ambassador);
        Optional<Integer> inSpec = replicas(ambassador);
        int replicas = inSpec.or(() -> surroundings
                        .deployment()
                        .map(deployment -> deployment.getSpec().getReplicas()))
                .orElse(1);
        return new GatewayObjects(
                service(ambassador, names, table),
                configMap(ambassador, names, table),
                GatewayDeployment.of(
                        ambassador, names, inSpec, surroundings.resources(ambassador), credentials, relayImage),
                replicas > 1 ? Optional.of(disruptionBudget(ambassador, names)) : Optional.empty());
    }

    /** All of them in the order of their creation: if the name of the Service is taken, nothing else is created. */
    public List<HasMetadata> all() {
        List<HasMetadata> all = new ArrayList<>(List.of(service, configMap, deployment));
        disruptionBudget.ifPresent(all::add);
        return all;
    }

    /**
     * How many relays the Ambassador asks for. Without a number, an autoscaler or a person may set it, and the API server starts with
     * one relay. That costs one pod, and updates replace it without a gap; a second relay is for users who need to survive the loss
     * of a node.
     */
    private static Optional<Integer> replicas(Ambassador ambassador) {
        return GatewayNames.placement(ambassador).map(GatewayPlacement::replicas);
    }

    /** The selector of the gateway's pods, in the namespace of {@code ambassador}. */
    public static Map<String, String> selector(Ambassador ambassador) {
        return Map.of(Labels.GATEWAY, ambassador.getMetadata().getName());
    }

    static Map<String, String> labels(Ambassador ambassador) {
        String name = ambassador.getMetadata().getName();
        // Sorted, so that equal objects are equal bytes.
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
        Optional<GatewayService> wanted = GatewayNames.placement(ambassador).map(GatewayPlacement::service);
        return new ServiceBuilder()
                .withMetadata(metadata(ambassador, names.service()))
                .editMetadata()
                .withAnnotations(wanted.map(GatewayService::annotations).orElse(null))
                .endMetadata()
                .withNewSpec()
                .withType(wanted.map(GatewayService::type)
                        .filter(type -> !type.equals(CLUSTER_IP))
                        .orElse(null))
                .withLoadBalancerClass(
                        wanted.map(GatewayService::loadBalancerClass).orElse(null))
                .withSelector(selector(ambassador))
                .withPorts(
                        table.links().stream().map(link -> port(link.listen())).toList())
                .endSpec()
                .build();
    }

    /** With its protocol, which is part of the list's key: to server-side apply, a port without it is another port. */
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
                // A relay that serves nobody must not block the drain of its node.
                .withUnhealthyPodEvictionPolicy("AlwaysAllow")
                .withNewSelector()
                .withMatchLabels(selector(ambassador))
                .endSelector()
                .endSpec()
                .build();
    }
}
