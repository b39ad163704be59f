package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import link.ambassador.link.Labels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Admission as it is installed: the API server calls the operators' pods through their Service. */
@Isolated("replaces the operators")
class AdmissionE2E {
    private static final String SYSTEM = "ambassador-system";
    private static final String OPERATOR = "ambassador-operator";
    private static final String POD =
            """
            apiVersion: v1
            kind: Pod
            metadata: {generateName: pod-, labels: {ambassador.link/inject: "true"}}
            spec:
              containers:
              - name: app
                image: example.com/app
                securityContext:
                  runAsNonRoot: true
                  allowPrivilegeEscalation: false
                  capabilities: {drop: [ALL]}
                  seccompProfile: {type: RuntimeDefault}
            """;
    private static final Duration ROLLED = Duration.ofMinutes(3);

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

    @Test
    void noPodGoesWithoutItsRelayWhileTheOperatorsAreReplaced() throws Exception {
        int[] pods = {0};
        shop.kubectl("rollout", "restart", "deployment/" + OPERATOR, "-n", SYSTEM);

        await().atMost(ROLLED).pollInterval(Duration.ofMillis(50)).until(() -> {
            assertThat(dryRun().getSpec().getInitContainers())
                    .as("pod %d", pods[0]++)
                    .isNotEmpty();
            return pods[0] > 100 && isRolledOut();
        });
    }

    /** Also of the pods that are gone: they answer until the end. */
    private boolean isRolledOut() {
        var deployment = shop.kubernetes
                .apps()
                .deployments()
                .inNamespace(SYSTEM)
                .withName(OPERATOR)
                .get();
        DeploymentStatus status = deployment.getStatus();
        int wanted = deployment.getSpec().getReplicas();
        return deployment.getMetadata().getGeneration().equals(status.getObservedGeneration())
                && Integer.valueOf(wanted).equals(status.getUpdatedReplicas())
                && Integer.valueOf(wanted).equals(status.getReadyReplicas())
                && shop.kubernetes
                                .pods()
                                .inNamespace(SYSTEM)
                                .withLabel(Labels.APP_NAME, OPERATOR)
                                .list()
                                .getItems()
                                .size()
                        == wanted;
    }

    private Pod dryRun() {
        return shop.kubernetes
                .resource(Serialization.unmarshal(POD, Pod.class))
                .inNamespace(shop.namespace)
                .dryRun()
                .create();
    }
}
