package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code kubernetes/install} from its beginning to its end, on a whole cluster. */
class InstallE2E {
    private static final String OURS = "app.kubernetes.io/part-of=ambassador";

    private Shop shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new Shop();
    }

    @AfterEach
    void noShop() {
        if (shop != null) {
            shop.close();
        }
    }

    /** The API server's controllers check the types of a policy's expressions, and tell what they found in its status. */
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
        return shop.kubectl("get", "validatingadmissionpolicy", "ambassador-operator-" + policy, "-o=jsonpath=" + path);
    }

    @Test
    void withoutItsOperatorAGatewayGoesOnServing() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");

        shop.kubectl("delete", "deployment", "ambassador-operator", "-n", "ambassador-system");
        try {
            shop.kubectl("wait", "--for=delete", "pod", "-l", OURS, "-n", "ambassador-system", "--timeout=30s");
            assertThat(Shop.whoAnswers(shop.service())).isEqualTo("redis-a");
        } finally {
            shop.install();
        }

        shop.apply("redis-b");
        shop.awaitCondition("Converged");
        assertThat(Shop.whoAnswers(shop.service())).isEqualTo("redis-b");
    }

    @Test
    void uninstalledInOrderItLeavesNothingBehind() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");

        shop.kubectl("delete", "ambassadors", "--all", "--all-namespaces");
        await().atMost(Duration.ofSeconds(60)).until(() -> shop.kubectl(
                        "get",
                        "deployments,services,configmaps,poddisruptionbudgets,pods",
                        "-A",
                        "-l",
                        "ambassador.link/gateway",
                        "-o=name")
                .isEmpty());
        shop.kubectl("delete", "-k", "kubernetes/install/operator");
        shop.kubectl("delete", "-k", "kubernetes/install/crd");

        assertThat(shop.kubectl(
                        "get",
                        "namespaces,crds,clusterroles,clusterrolebindings,validatingadmissionpolicies,"
                                + "validatingadmissionpolicybindings",
                        "-l",
                        OURS,
                        "-o=name"))
                .isEmpty();
        assertThat(shop.kubectl("get", "crds", "-o=name")).doesNotContain("ambassador");
    }
}
