package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.BadSettingException;
import link.ambassador.config.RelayImage;
import link.ambassador.operator.OperatorSettings.LogFormat;
import link.ambassador.operator.OperatorSettings.LogLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorSettingsTest {
    private static final Map<String, String> LEAST = Map.of("AMBASSADOR_RELAY_IMAGE", "example.com/ambassador:1");

    @Test
    void theRelayImageIsAllThatMustBeSaid() {
        assertThat(OperatorSettings.read(LEAST))
                .isEqualTo(new OperatorSettings(
                        Set.of(),
                        RelayImage.named("example.com/ambassador:1"),
                        "cluster.local",
                        15990,
                        LogFormat.TEXT,
                        LogLevel.INFO,
                        true));
    }

    @Test
    void aMissingRelayImageIsSaidToBeMissing() {
        assertThatThrownBy(() -> OperatorSettings.read(Map.of("AMBASSADOR_RELAY_IMAGE", " ")))
                .isInstanceOf(BadSettingException.class)
                .hasMessageStartingWith("AMBASSADOR_RELAY_IMAGE is not set: it must be the image that gateways run");
    }

    @Test
    void namespacesAreAListOfWhateverSeparation() {
        assertThat(read("AMBASSADOR_NAMESPACES", " shop,team-a\n team-b,").namespaces())
                .containsExactlyInAnyOrder("shop", "team-a", "team-b");
    }

    @Test
    void everyVariableIsHeard() {
        Map<String, String> variables = new HashMap<>(LEAST);
        variables.put("AMBASSADOR_RELAY_PULL_POLICY", "Always");
        variables.put("AMBASSADOR_RELAY_PULL_SECRETS", "registry, mirror.eu");
        variables.put("AMBASSADOR_CLUSTER_DOMAIN", "corp.example");
        variables.put("AMBASSADOR_ADMIN_PORT", "8080");
        variables.put("AMBASSADOR_LOG_FORMAT", "json");
        variables.put("AMBASSADOR_LOG_LEVEL", "debug");
        variables.put("AMBASSADOR_LEADER_ELECTION", "false");

        assertThat(OperatorSettings.read(variables))
                .isEqualTo(new OperatorSettings(
                        Set.of(),
                        new RelayImage(
                                "example.com/ambassador:1", Optional.of("Always"), List.of("registry", "mirror.eu")),
                        "corp.example",
                        8080,
                        LogFormat.JSON,
                        LogLevel.DEBUG,
                        false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    AMBASSADOR_NAMESPACES      | shop,Team_A      | AMBASSADOR_NAMESPACES is 'Team_A': it must be names of namespaces, separated by commas, or empty for every namespace
                    AMBASSADOR_RELAY_IMAGE     | my image         | AMBASSADOR_RELAY_IMAGE is 'my image': it must be an image, such as registry.example.com/ambassador:1.0
                    AMBASSADOR_RELAY_PULL_POLICY | always         | AMBASSADOR_RELAY_PULL_POLICY is 'always': it must be Always, IfNotPresent, Never, or empty for Kubernetes' default
                    AMBASSADOR_RELAY_PULL_SECRETS | a,Registry     | AMBASSADOR_RELAY_PULL_SECRETS is 'a,Registry': it must be names of Secrets, separated by commas, at most 8
                    AMBASSADOR_RELAY_PULL_SECRETS | a,b,c,d,e,f,g,h,i | AMBASSADOR_RELAY_PULL_SECRETS is 'a,b,c,d,e,f,g,h,i': it must be names of Secrets, separated by commas, at most 8
                    AMBASSADOR_CLUSTER_DOMAIN  | cluster.local.   | AMBASSADOR_CLUSTER_DOMAIN is 'cluster.local.': it must be a DNS name without a trailing dot, such as cluster.local
                    AMBASSADOR_ADMIN_PORT      | 0                | AMBASSADOR_ADMIN_PORT is '0': it must be a port from 1 to 65535
                    AMBASSADOR_LOG_FORMAT      | JSON             | AMBASSADOR_LOG_FORMAT is 'JSON': it must be one of text, json
                    AMBASSADOR_LOG_LEVEL       | verbose          | AMBASSADOR_LOG_LEVEL is 'verbose': it must be one of debug, info, warn
                    AMBASSADOR_LEADER_ELECTION | yes              | AMBASSADOR_LEADER_ELECTION is 'yes': it must be true or false
                    """)
    void whatMakesNoSenseIsASentence(String variable, String value, String sentence) {
        assertThatThrownBy(() -> read(variable, value))
                .isInstanceOf(BadSettingException.class)
                .hasMessage(sentence);
    }

    @Test
    void thePageNamesEveryVariable() throws IOException {
        assertThat(Files.readString(Path.of("docs/operator.md")))
                .contains(OperatorSettings.VARIABLES.stream()
                        .map(variable -> "| `" + variable + "` |")
                        .toList());
    }

    private static OperatorSettings read(String variable, String value) {
        Map<String, String> variables = new HashMap<>(LEAST);
        variables.put(variable, value);
        return OperatorSettings.read(variables);
    }
}
