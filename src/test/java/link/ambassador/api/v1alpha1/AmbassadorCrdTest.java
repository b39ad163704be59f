package link.ambassador.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
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
}
