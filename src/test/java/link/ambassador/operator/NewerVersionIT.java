package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.kubernetes.AmbassadorCrds;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ambassadors that were written for a version of the operator that is newer than this one. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs, or watches, while a block does.
class NewerVersionIT {
    private static final String LINKS = "links: [" + link(6379, "redis-a") + "]";
    private static final String MIGRATE = "retarget: {existingConnections: Migrate}";

    private static KubernetesClient kubernetes;

    /** The definition of that version, with a word, a field of a link and a placement that this version does not know. */
    @BeforeAll
    static void newerDefinition(KubernetesClient administrator) {
        kubernetes = administrator;
        CustomResourceDefinition newer = AmbassadorCrds.committed();
        Map<String, JSONSchemaProps> spec =
                properties(newer.getSpec().getVersions().get(0).getSchema().getOpenAPIV3Schema(), "spec");
        properties(spec, "retarget").get("existingConnections").getEnum().add(new TextNode("Migrate"));
        JSONSchemaProps text = new JSONSchemaPropsBuilder().withType("string").build();
        spec.get("links").getItems().getSchema().getProperties().put("color", text);
        spec.put(
                "mirror",
                new JSONSchemaPropsBuilder()
                        .withType("object")
                        .withXKubernetesPreserveUnknownFields(true)
                        .build());
        AmbassadorCrds.apply(administrator, newer);
    }

    private static Map<String, JSONSchemaProps> properties(JSONSchemaProps schema, String name) {
        return properties(schema.getProperties(), name);
    }

    private static Map<String, JSONSchemaProps> properties(Map<String, JSONSchemaProps> schemas, String name) {
        return schemas.get(name).getProperties();
    }

    @AfterAll
    static void thisDefinition() {
        AmbassadorCrds.restore(kubernetes, resource("migrates", LINKS, MIGRATE));
    }

    @Test
    void theyStopNeitherTheInformerNorTheOthers(GatewayNamespace namespace) {
        // Both before and after the operator starts: one comes by its list, the other by its watch.
        apply(namespace, "before", LINKS, MIGRATE);
        try (InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            apply(namespace, "after", LINKS, MIGRATE, "mirror: {to: [a, {b: c}]}");
            for (String name : List.of("before", "after")) {
                AmbassadorStatus status = namespace.await(name, "Accepted", "NotUnderstood");
                assertThat(message(status, "Accepted"))
                        .contains("spec.retarget.existingConnections", "Migrate", "Keep, Drain or Close");
                assertThat(namespace.objects(name)).isEmpty();
            }

            namespace.applied(redis("other", "redis-a"));
            assertThat(namespace.table("other")).contains("redis-a");
        }
    }

    @Test
    void fieldsThatAreUnknownAreIgnoredAndKept(GatewayNamespace namespace) {
        apply(namespace, "redis", LINKS.replace("{listen", "{color: blue, listen"), "mirror: {to: [a]}");
        try (InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            namespace.await("redis", "Accepted", "Accepted");
            assertThat(namespace.table("redis")).contains("redis-a").doesNotContain("blue");
            GenericKubernetesResource stored = kubernetes
                    .genericKubernetesResources("ambassador.link/v1alpha1", "Ambassador")
                    .inNamespace(namespace.name())
                    .withName("redis")
                    .get();
            assertThat(stored.<String>get("spec", "links", 0, "color")).isEqualTo("blue");
            assertThat(stored.<Object>get("spec", "mirror")).isNotNull();
        }
    }

    @Test
    void aRunningGatewayKeepsItsLastGoodTable(GatewayNamespace namespace) {
        try (InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            namespace.applied(redis("redis", "redis-a"));
            String table = namespace.table("redis");
            apply(namespace, "redis", LINKS.replace("redis-a", "redis-b"), MIGRATE);
            AmbassadorStatus status = namespace.await("redis", "Accepted", "NotUnderstood");
            assertThat(namespace.table("redis")).isEqualTo(table);
            assertThat(status.summary().target()).isEqualTo("redis-a:6379");
        }
    }

    private static GenericKubernetesResource resource(String name, String... fields) {
        return Serialization.unmarshal(manifest(name, fields), GenericKubernetesResource.class);
    }

    /** The schema of a definition holds a moment after it was stored. */
    private static void apply(GatewayNamespace namespace, String name, String... fields) {
        GenericKubernetesResource resource = resource(name, fields);
        Awaitility.await("the newer definition holds")
                .atMost(GatewayNamespace.SOON)
                .ignoreException(KubernetesClientException.class)
                .until(() -> kubernetes
                                .resource(resource)
                                .inNamespace(namespace.name())
                                .fieldValidation(Validation.STRICT)
                                .forceConflicts()
                                .serverSideApply()
                        != null);
    }
}
