package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gateways that are to run another image of the relay. No controller runs here: the test says how far each is. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs, or watches, while a block does.
class SerialRolloutIT {
    private static final List<String> NAMES = List.of("redis-0", "redis-1", "redis-2");
    private static final String NEXT = "example.com/ambassador:next";
    private static final Duration QUIET = Duration.ofSeconds(3);
    private static final PatchContext MERGE =
            new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();

    @Test
    void oneGatewayAtATimeRollsToAnotherImage(KubernetesClient kubernetes, GatewayNamespace namespace) {
        // Of this namespace only: a gateway that another test left would have its turn too.
        try (InProcessOperator operator = start(kubernetes, namespace, "example.com/ambassador:test")) {
            NAMES.forEach(name -> namespace.applied(redis(name, "redis-a")));
        }
        // What else the template of another version has is no reason to roll before one's turn.
        NAMES.forEach(name -> kubernetes
                .apps()
                .deployments()
                .inNamespace(namespace.name())
                .withName(name + "-ambassador")
                .patch(MERGE, "{\"spec\": {\"template\": {\"spec\": {\"terminationGracePeriodSeconds\": 61}}}}"));
        NAMES.forEach(name -> isThrough(kubernetes, namespace, name));

        try (InProcessOperator operator = start(kubernetes, namespace, NEXT)) {
            List<String> rolled = new ArrayList<>();
            for (int turn = 1; turn <= NAMES.size(); turn++) {
                int count = turn;
                await("turn " + turn)
                        .atMost(GatewayNamespace.SOON)
                        .until(() -> rolling(namespace).size() == count);
                if (turn == 1) {
                    await("the others wait")
                            .during(QUIET)
                            .atMost(QUIET.plusSeconds(2))
                            .until(() -> rolling(namespace).size() == 1);
                    // A gateway that waits for its turn is served all the same.
                    String waiting = NAMES.stream()
                            .filter(name -> !rolling(namespace).contains(name))
                            .findFirst()
                            .orElseThrow();
                    namespace.applied(redis(waiting, "redis-b"));
                    assertThat(namespace.table(waiting)).contains("redis-b");
                    assertThat(rolling(namespace)).hasSize(1);
                    assertThat(namespace
                                    .get(Deployment.class, waiting + "-ambassador")
                                    .orElseThrow()
                                    .getSpec()
                                    .getTemplate()
                                    .getSpec()
                                    .getTerminationGracePeriodSeconds())
                            .isEqualTo(61);
                }
                String latest = rolling(namespace).stream()
                        .filter(name -> !rolled.contains(name))
                        .findFirst()
                        .orElseThrow();
                rolled.add(latest);
                isThrough(kubernetes, namespace, latest);
            }
            assertThat(rolled).containsExactlyInAnyOrderElementsOf(NAMES);
        }
    }

    /** A Secret that is missing, or a policy under which nothing can be pulled, stops at the first gateway as a bad image does. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneGatewayAtATimeIsPulledInAnotherWay(boolean added, KubernetesClient kubernetes, GatewayNamespace namespace) {
        Map<String, String> plain = Map.of();
        Map<String, String> pulled =
                Map.of("AMBASSADOR_RELAY_PULL_SECRETS", "registry", "AMBASSADOR_RELAY_PULL_POLICY", "Always");
        try (InProcessOperator operator = start(kubernetes, namespace, NEXT, added ? plain : pulled)) {
            NAMES.forEach(name -> namespace.applied(redis(name, "redis-a")));
        }
        NAMES.forEach(name -> isThrough(kubernetes, namespace, name));

        try (InProcessOperator operator = start(kubernetes, namespace, NEXT, added ? pulled : plain)) {
            for (int turn = 1; turn <= NAMES.size(); turn++) {
                int count = turn;
                await("turn " + turn)
                        .atMost(GatewayNamespace.SOON)
                        .until(() -> pulledWithSecret(namespace, added).size() == count);
                if (turn == 1) {
                    await("the others wait")
                            .during(QUIET)
                            .atMost(QUIET.plusSeconds(2))
                            .until(() -> pulledWithSecret(namespace, added).size() == 1);
                }
                pulledWithSecret(namespace, added).forEach(name -> isThrough(kubernetes, namespace, name));
            }
        }
        NAMES.forEach(
                name -> assertThat(pod(namespace, name).getContainers().get(0).getImagePullPolicy())
                        .isEqualTo(added ? "Always" : "IfNotPresent"));
    }

    private static List<String> pulledWithSecret(GatewayNamespace namespace, boolean with) {
        return NAMES.stream()
                .filter(name -> pod(namespace, name).getImagePullSecrets().isEmpty() != with)
                .toList();
    }

    private static PodSpec pod(GatewayNamespace namespace, String name) {
        return namespace
                .get(Deployment.class, name + "-ambassador")
                .orElseThrow()
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    @Test
    void aNewGatewayDoesNotWaitForATurn(KubernetesClient kubernetes, GatewayNamespace namespace) {
        try (InProcessOperator operator = start(kubernetes, namespace, "example.com/ambassador:test")) {
            namespace.applied(redis("redis-0", "redis-a"));
        }
        try (InProcessOperator operator = start(kubernetes, namespace, NEXT)) {
            await().atMost(GatewayNamespace.SOON).until(() -> rolling(namespace).contains("redis-0"));
            namespace.applied(redis("redis-1", "redis-a"));
            assertThat(rolling(namespace)).contains("redis-1");
        }
    }

    @Test
    void aPausedGatewayHoldsUpNobodyAndRollsWhenItIsResumed(KubernetesClient kubernetes, GatewayNamespace namespace) {
        try (InProcessOperator operator = start(kubernetes, namespace, "example.com/ambassador:test")) {
            NAMES.forEach(name -> namespace.applied(redis(name, "redis-a")));
        }
        NAMES.forEach(name -> isThrough(kubernetes, namespace, name));
        pause(kubernetes, namespace, "redis-0", true);

        try (InProcessOperator operator = start(kubernetes, namespace, NEXT)) {
            for (int turn = 1; turn < NAMES.size(); turn++) {
                int count = turn;
                await().atMost(GatewayNamespace.SOON)
                        .until(() -> rolling(namespace).size() == count);
                rolling(namespace).forEach(name -> isThrough(kubernetes, namespace, name));
            }
            assertThat(rolling(namespace)).doesNotContain("redis-0");
            await().atMost(GatewayNamespace.SOON)
                    .until(() -> namespace.eventMessages("redis-0", "RolloutWaits").stream()
                            .anyMatch(message -> message.contains("paused")));

            pause(kubernetes, namespace, "redis-0", false);
            await().atMost(GatewayNamespace.SOON).until(() -> rolling(namespace).contains("redis-0"));
        }
    }

    private static void pause(KubernetesClient kubernetes, GatewayNamespace namespace, String name, boolean paused) {
        kubernetes
                .apps()
                .deployments()
                .inNamespace(namespace.name())
                .withName(name + "-ambassador")
                .patch(MERGE, "{\"spec\": {\"paused\": " + paused + "}}");
    }

    private static InProcessOperator start(KubernetesClient kubernetes, GatewayNamespace namespace, String image) {
        return start(kubernetes, namespace, image, Map.of());
    }

    private static InProcessOperator start(
            KubernetesClient kubernetes, GatewayNamespace namespace, String image, Map<String, String> others) {
        Map<String, String> variables = new HashMap<>(others);
        variables.put("AMBASSADOR_RELAY_IMAGE", image);
        variables.put("AMBASSADOR_NAMESPACES", namespace.name());
        return InProcessOperator.start(kubernetes.getConfiguration(), variables);
    }

    /** Those whose Deployment asks for the next image. */
    private static List<String> rolling(GatewayNamespace namespace) {
        return NAMES.stream()
                .filter(name -> namespace
                        .get(Deployment.class, name + "-ambassador")
                        .filter(found -> found.getSpec()
                                .getTemplate()
                                .getSpec()
                                .getContainers()
                                .get(0)
                                .getImage()
                                .equals(NEXT))
                        .isPresent())
                .toList();
    }

    private static void isThrough(KubernetesClient kubernetes, GatewayNamespace namespace, String name) {
        Deployment deployment =
                namespace.get(Deployment.class, name + "-ambassador").orElseThrow();
        kubernetes
                .resource(deployment)
                .subresource("status")
                .patch(
                        MERGE,
                        """
                        {"status": {"observedGeneration": %d, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1,
                         "availableReplicas": 1}}
                        """
                                .formatted(deployment.getMetadata().getGeneration()));
    }
}
