package link.ambassador.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
    private static final String PORT = "AMBASSADOR_ADMIN_PORT";

    @Test
    void aServiceOfTheSameNameIsNoSetting() {
        assertThat(port(Map.of(
                        PORT,
                        "tcp://10.98.45.110:8877",
                        "AMBASSADOR_ADMIN_SERVICE_HOST",
                        "10.98.45.110",
                        "AMBASSADOR_ADMIN_SERVICE_PORT",
                        "8877")))
                .isEqualTo(15990);
    }

    @Test
    void aServiceOfTheSameNameOnIpv6IsNoSetting() {
        assertThat(port(Map.of(PORT, "udp://[fd00::7]:53", "AMBASSADOR_ADMIN_SERVICE_HOST", "fd00::7")))
                .isEqualTo(15990);
    }

    /** The variables of {@code docker run --link emissary:ambassador_admin}. */
    @Test
    void aContainerThatIsLinkedByTheSameNameIsNoSetting() {
        assertThat(port(Map.of(
                        PORT,
                        "tcp://172.17.0.2:8877",
                        "AMBASSADOR_ADMIN_NAME",
                        "/relay/ambassador_admin",
                        "AMBASSADOR_ADMIN_PORT_8877_TCP",
                        "tcp://172.17.0.2:8877")))
                .isEqualTo(15990);
    }

    @Test
    void aSettingIsReadDespiteAServiceOfTheSameName() {
        assertThat(port(Map.of(PORT, "8080", "AMBASSADOR_ADMIN_SERVICE_HOST", "10.98.45.110")))
                .isEqualTo(8080);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://10.9.9.9:8877", "10.98.45.110:8877", "tcp://10.98.45.110", "70000"})
    void aWrongSettingIsRefusedDespiteAServiceOfThatName(String value) {
        assertThatThrownBy(() -> port(Map.of(
                        PORT,
                        value,
                        "AMBASSADOR_ADMIN_SERVICE_HOST",
                        "10.98.45.110",
                        "AMBASSADOR_ADMIN_PORT_8877_TCP",
                        "tcp://10.98.45.110:8877")))
                .isInstanceOf(BadSettingException.class)
                .hasMessage(PORT + " is '" + value + "': it must be a port from 1 to 65535");
    }

    private static int port(Map<String, String> variables) {
        return new Environment(variables).port(PORT, 15990);
    }
}
