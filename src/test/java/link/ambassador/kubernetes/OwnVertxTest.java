package link.ambassador.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OwnVertxTest {
    @Test
    void aClosedClientLeavesNoThread() {
        Set<Thread> before = threads();
        KubernetesClient client = OwnVertx.client().withConfig(Config.empty()).build();
        assertThat(threads()).as("with those of its own").hasSizeGreaterThan(before.size());

        client.close();

        await().untilAsserted(() -> assertThat(threads()).isSubsetOf(before));
    }

    /** Vert.x', of all that the process has. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("vert"))
                .collect(Collectors.toSet());
    }
}
