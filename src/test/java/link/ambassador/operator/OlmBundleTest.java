package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.util.Map;
import link.ambassador.config.Version;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** It also writes the bundle to target/olm/bundle, from where the release takes it. */
class OlmBundleTest {
    private static Map<String, String> files;
    private static JsonNode csv;

    @BeforeAll
    static void write() throws IOException {
        files = OlmBundle.write();
        csv = Serialization.unmarshal(files.get("manifests/ambassador.clusterserviceversion.yaml"), JsonNode.class);
    }

    @Test
    void itsOperatorAndItsRelaysRunTheImageOfThisVersion() {
        String image = "ambassador:" + Version.read();
        JsonNode container = csv.at("/spec/install/spec/deployments/0/spec/template/spec/containers/0");

        assertThat(container.path("image").asText()).isEqualTo(image);
        assertThat(container.path("env"))
                .anyMatch(variable -> variable.path("name").asText().equals("AMBASSADOR_RELAY_IMAGE")
                        && variable.path("value").asText().equals(image));
        assertThat(csv.at("/spec/relatedImages/0/image").asText()).isEqualTo(image);
        assertThat(csv.at("/spec/version").asText()).isEqualTo(Version.read());
    }

    @Test
    void itsRightsAreThoseOfTheInstallation() {
        assertThat(csv.at("/spec/install/spec/clusterPermissions/0/rules").toString())
                .contains("\"ambassadors/status\"", "\"pods/status\"", "\"mutatingwebhookconfigurations\"")
                .doesNotContain("\"secrets\"", "\"*\"");
        assertThat(csv.at("/spec/install/spec/permissions/0/rules").toString())
                .contains("\"leases\"", "\"ambassador-webhook-tls\"");
    }

    /** OLM puts every object into the namespace that its user chose. */
    @Test
    void noObjectNamesANamespace() {
        files.forEach((path, content) -> assertThat(Serialization.unmarshal(content, JsonNode.class)
                        .at("/metadata/namespace")
                        .isMissingNode())
                .as(path)
                .isTrue());
    }
}
