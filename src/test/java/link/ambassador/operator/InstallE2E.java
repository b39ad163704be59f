package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import link.ambassador.kubernetes.Kubectl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** {@code kubernetes/install} from its beginning to its end, on a whole cluster. */
@Isolated("takes the operator away")
@Order(Integer.MAX_VALUE) // so that no other test installs it again
class InstallE2E {
    private static final String OURS = "app.kubernetes.io/part-of=ambassador";

    @TempDir
    private Path directory;

    private final KubernetesClient kubernetes = new KubernetesClientBuilder().build();
    private Kubectl kubectl;

    @BeforeEach
    void install() throws Exception {
        kubectl = new Kubectl(kubernetes, "default", directory);
        Installation.onCluster(kubectl);
    }

    @AfterEach
    void close() {
        kubernetes.close();
    }

    /** The API server's controllers check the types of a policy's expressions, and report the result in its status. */
    @Test
    void thePoliciesSpeakOfFieldsThatExist() throws Exception {
        for (String policy : List.of("pods", "owned", "deployments")) {
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> checked(policy, "{.metadata.generation}=={.status.observedGeneration}")
                            .matches("(\\d+)==\\1"));
            assertThat(checked(policy, "{.status.typeChecking.expressionWarnings}"))
                    .isEmpty();
        }
    }

    private String checked(String policy, String path) throws Exception {
        return kubectl("get", "validatingadmissionpolicy", "ambassador-operator-" + policy, "-o=jsonpath=" + path);
    }

    @Test
    void uninstalledInOrderItLeavesNothingBehind() throws Exception {
        try (ClusterNamespace shop = new ClusterNamespace()) {
            shop.apply("redis-a");
            shop.awaitCondition("Ready");
            uninstall();
        }

        assertThat(kubectl(
                        "get",
                        "namespaces,crds,clusterroles,clusterrolebindings,validatingadmissionpolicies,"
                                + "validatingadmissionpolicybindings",
                        "-l",
                        OURS,
                        "-o=name"))
                .isEmpty();
        assertThat(kubectl("get", "crds", "-o=name")).doesNotContain("ambassador");
    }

    private void uninstall() throws Exception {
        kubectl("delete", "ambassadors", "--all", "--all-namespaces");
        await().atMost(Duration.ofSeconds(60)).until(() -> kubectl(
                        "get",
                        "deployments,services,configmaps,poddisruptionbudgets,pods",
                        "-A",
                        "-l",
                        "ambassador.link/gateway",
                        "-o=name")
                .isEmpty());
        kubectl("delete", "-k", "kubernetes/install/operator");
        kubectl("delete", "-k", "kubernetes/install/crd");
    }

    private String kubectl(String... arguments) throws IOException, InterruptedException {
        return kubectl.run("", arguments).succeeded().output();
    }
}
