package link.ambassador.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import link.ambassador.config.DurationSyntax;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.HostSyntax;
import link.ambassador.config.Link;
import link.ambassador.kubernetes.AmbassadorCrds;
import org.junit.jupiter.api.Test;

/** The resource says what the link table says: their rooms cannot share constants. */
class AmbassadorSchemaTest {
    private final JSONSchemaProps spec = AmbassadorCrds.committed()
            .getSpec()
            .getVersions()
            .get(0)
            .getSchema()
            .getOpenAPIV3Schema()
            .getProperties()
            .get("spec");
    private final JSONSchemaProps link =
            spec.getProperties().get("links").getItems().getSchema();
    private final JSONSchemaProps retarget = spec.getProperties().get("retarget");

    @Test
    void itsDefaultsAreThoseOfALink() {
        assertThat(defaultOf(link, "connectTimeout")).isEqualTo(DurationSyntax.format(Link.DEFAULT_CONNECT_TIMEOUT));
        assertThat(defaultOf(link, "halfCloseTimeout"))
                .isEqualTo(DurationSyntax.format(Link.DEFAULT_HALF_CLOSE_TIMEOUT));
        assertThat(defaultOf(retarget, "drainTimeout")).isEqualTo(DurationSyntax.format(Link.DEFAULT_DRAIN_TIMEOUT));
        assertThat(defaultOf(retarget, "existingConnections")).isEqualTo(Link.DEFAULT_EXISTING_CONNECTIONS.word());
        assertThat(link.getProperties().get("idleTimeout").getDefault()).isNull();
        assertThat(link.getProperties().get("maxConnections").getDefault()).isNull();
        assertThat(spec.getProperties().get("placement").getDefault())
                .as("a default would make a sidecar that is added later the second placement")
                .isNull();
    }

    @Test
    void itsBoundsAndWordsAreThoseOfALink() {
        assertThat(link.getProperties().get("targets").getMaxItems()).isEqualTo(Link.MAX_TARGETS);
        assertThat(retarget.getProperties().get("existingConnections").getEnum())
                .extracting(JsonNode::asText)
                .containsExactlyElementsOf(Stream.of(ExistingConnections.values())
                        .map(ExistingConnections::word)
                        .toList());
        assertThat(DurationRule.MESSAGE).endsWith(DurationSyntax.WANTED);
        assertThat(HostRule.MESSAGE).endsWith(HostSyntax.WANTED);
    }

    @Test
    void itsFieldsAreThoseOfTheRecords() {
        assertThat(link.getProperties().keySet()).containsExactlyInAnyOrderElementsOf(components(LinkSpec.class));
        assertThat(retarget.getProperties().keySet())
                .containsExactlyInAnyOrderElementsOf(components(RetargetSpec.class));
        assertThat(spec.getProperties().keySet()).containsExactlyInAnyOrderElementsOf(components(AmbassadorSpec.class));
    }

    private static String defaultOf(JSONSchemaProps parent, String field) {
        return parent.getProperties().get(field).getDefault().asText();
    }

    private static List<String> components(Class<? extends Record> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toList();
    }
}
