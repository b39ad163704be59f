package link.ambassador.webhook.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import link.ambassador.config.BadSettingException;
import org.junit.jupiter.api.Test;

/** What the environment says to the webhook. */
class WebhookSettingsTest {
    @Test
    void thePortIs8443UnlessItIsSaid() {
        assertThat(read(Map.of()).port()).isEqualTo(8443);
        assertThat(read(Map.of("AMBASSADOR_WEBHOOK_PORT", "9443")).port()).isEqualTo(9443);
    }

    @Test
    void aPortThatIsNoneIsASentence() {
        assertThatThrownBy(() -> read(Map.of("AMBASSADOR_WEBHOOK_PORT", "https")))
                .isInstanceOf(BadSettingException.class)
                .hasMessage("AMBASSADOR_WEBHOOK_PORT is 'https': it must be a port from 1 to 65535");
    }

    @Test
    void thePageNamesEveryVariable() throws IOException {
        assertThat(Files.readString(Path.of("docs/operator.md")))
                .contains(WebhookSettings.VARIABLES.stream()
                        .map(variable -> "| `" + variable + "` |")
                        .toList());
    }

    private static WebhookSettings read(Map<String, String> variables) {
        Map<String, String> all = new HashMap<>(variables);
        all.put("AMBASSADOR_RELAY_IMAGE", "example.com/ambassador:1");
        return WebhookSettings.read(all);
    }
}
