package link.ambassador.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import link.ambassador.kubernetes.AmbassadorCrds;
import org.junit.jupiter.api.Test;

class AmbassadorCrdTest {
    @Test
    void theCommittedDefinitionIsTheOneOfTheRecords() throws IOException {
        String generated = AmbassadorCrd.yaml();
        if (System.getProperty("regenerate") != null) {
            Files.createDirectories(AmbassadorCrd.FILE.getParent());
            Files.writeString(AmbassadorCrd.FILE, generated);
        }

        assertThat(AmbassadorCrd.FILE)
                .as("out of date; to write it anew: " + AmbassadorCrd.COMMAND)
                .content()
                .isEqualTo(generated);
    }

    @Test
    void itIsTheSameEachTime() {
        assertThat(AmbassadorCrd.yaml()).isEqualTo(AmbassadorCrd.yaml());
    }

    @Test
    void everyFieldIsDescribed() {
        assertThat(undescribed(
                        "",
                        AmbassadorCrds.committed()
                                .getSpec()
                                .getVersions()
                                .get(0)
                                .getSchema()
                                .getOpenAPIV3Schema()))
                .isEmpty();
    }

    private static List<String> undescribed(String path, JSONSchemaProps schema) {
        List<String> found = new ArrayList<>();
        if (schema.getItems() != null) {
            found.addAll(undescribed(path + "[]", schema.getItems().getSchema()));
        }
        schema.getProperties().forEach((name, property) -> {
            if (property.getDescription() == null) {
                found.add(path + "." + name);
            }
            found.addAll(undescribed(path + "." + name, property));
        });
        return found;
    }
}
