package link.ambassador.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ambassadors of a newer version, stored under a newer definition, as an operator that was rolled back finds them. */
@ExtendWith(ApiServer.class)
class NewerAmbassadorIT {
    private static final String NEWER =
            """
            apiVersion: ambassador.link/v1alpha1
            kind: Ambassador
            metadata: {name: newer}
            colour: red
            spec:
              mirror: {percent: 5}
              links:
              - listen: 6379
                protocol: UDP
                weighting: [1, 2]
                targets: [{host: redis-a, port: 6379, zone: {name: eu}}]
              retarget: {existingConnections: Migrate, drainTimeout: 30s, notBefore: 3}
              placement: {daemon: {hostPort: true}}
            """;

    private static String namespace;

    @BeforeAll
    static void install(KubernetesClient kubernetes) {
        AmbassadorCrds.apply(kubernetes, newer());
        namespace = Namespaces.create(kubernetes, "newer-ambassador-it");
        await("the newer definition")
                .ignoreException(KubernetesClientException.class)
                .untilAsserted(() -> create(kubernetes, NEWER));
    }

    /** The other tests of the run want the committed definition, and hold on to nothing that a newer one stored. */
    @AfterAll
    static void restore(KubernetesClient kubernetes) {
        kubernetes
                .genericKubernetesResources("ambassador.link/v1alpha1", "Ambassador")
                .inNamespace(namespace)
                .delete();
        AmbassadorCrds.install(kubernetes);
        await("the committed definition").untilAsserted(() -> assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() -> create(kubernetes, NEWER))
                .withMessageContaining("supported values: \"TCP\""));
    }

    @Test
    void isReadWithoutWhatNobodyKnowsYet(KubernetesClient kubernetes) {
        Ambassador read = kubernetes
                .resources(Ambassador.class)
                .inNamespace(namespace)
                .withName("newer")
                .get();

        LinkSpec link = read.getSpec().links().get(0);
        assertThat(link.listen()).isEqualTo(6379);
        assertThat(link.protocol()).isEqualTo("UDP");
        assertThat(link.targets()).containsExactly(new TargetSpec("redis-a", 6379));
        assertThat(read.getSpec().retarget()).isEqualTo(new RetargetSpec("Migrate", "30s", null, null));
        assertThat(read.getSpec().placement()).isEqualTo(new PlacementSpec(null, null));
    }

    @Test
    void doesNotStopAnInformer(KubernetesClient kubernetes) {
        Map<String, Ambassador> seen = new ConcurrentHashMap<>();
        try (var informer = kubernetes
                .resources(Ambassador.class)
                .inNamespace(namespace)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Ambassador ambassador) {
                        seen.put(ambassador.getMetadata().getName(), ambassador);
                    }

                    @Override
                    public void onUpdate(Ambassador before, Ambassador ambassador) {
                        onAdd(ambassador);
                    }

                    @Override
                    public void onDelete(Ambassador ambassador, boolean finalStateUnknown) {}
                })) {
            await("from the list").until(() -> seen.containsKey("newer"));
            create(kubernetes, NEWER.replace("name: newer", "name: newest"));
            await("from the watch").until(() -> seen.containsKey("newest"));

            assertThat(informer.isWatching()).isTrue();
        }
    }

    private static void create(KubernetesClient kubernetes, String yaml) {
        kubernetes
                .resource(Serialization.unmarshal(yaml, GenericKubernetesResource.class))
                .inNamespace(namespace)
                .create();
    }

    /** The committed definition with another protocol, another policy, another placement, and fields to come. */
    private static CustomResourceDefinition newer() {
        CustomResourceDefinition crd = AmbassadorCrds.committed();
        JSONSchemaProps root = crd.getSpec().getVersions().get(0).getSchema().getOpenAPIV3Schema();
        root.setXKubernetesPreserveUnknownFields(true);
        JSONSchemaProps spec = open(root, "spec");
        JSONSchemaProps retarget = open(spec, "retarget");
        retarget.getProperties().get("existingConnections").getEnum().add(new TextNode("Migrate"));
        open(spec, "placement").setXKubernetesValidations(null);
        JSONSchemaProps link = spec.getProperties().get("links").getItems().getSchema();
        link.setXKubernetesPreserveUnknownFields(true);
        link.getProperties().get("protocol").getEnum().add(new TextNode("UDP"));
        link.getProperties().get("targets").getItems().getSchema().setXKubernetesPreserveUnknownFields(true);
        return crd;
    }

    private static JSONSchemaProps open(JSONSchemaProps parent, String field) {
        JSONSchemaProps child = parent.getProperties().get(field);
        child.setXKubernetesPreserveUnknownFields(true);
        return child;
    }
}
