package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.vertx.core.http.HttpMethod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An installed operator that runs while its token, its account, its rights or the definition of its resource are replaced. */
@ExtendWith(ApiServer.class)
@SuppressWarnings("try") // What runs while a block does.
class LostAccessIT {
    private static final String NAMESPACE = "lost-access-it";
    private static final Duration TO_FAIL = Duration.ofSeconds(60);

    private static final String LEASE_OF_ANOTHER_TEST = " WARN The previous leader, ";

    /** Of a watch that was cut, when the machine is busy. */
    private static final String WATCHED_AGAIN =
            " WARN (listSyncAndWatch failed for|restarting the watch of|cannot watch) ";

    /** A watch that was rejected is begun again after a time that doubles. */
    private static final Duration TO_RECOVER = Duration.ofMinutes(2);

    private static KubernetesClient administrator;
    private static Kubectl kubectl;

    @BeforeAll
    static void install(KubernetesClient client, @TempDir Path directory) throws Exception {
        administrator = client;
        kubectl = new Kubectl(client, NAMESPACE, directory);
        Installation.apply(kubectl);
        Namespaces.apply(client, NAMESPACE, Map.of());
    }

    /** Also what a test that failed took away. */
    @AfterEach
    void installAgain() throws Exception {
        Installation.apply(kubectl);
        administrator.resources(Ambassador.class).inNamespace(NAMESPACE).delete();
    }

    @AfterAll
    static void close() {
        // The leaders of other tests would warn that this one's ended without releasing it.
        administrator
                .leases()
                .inNamespace(Installation.NAMESPACE)
                .withName("ambassador-operator")
                .delete();
        // No Service leads anywhere here: each pod of the tests that follow would wait for it.
        administrator
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName("ambassador-webhook")
                .delete();
    }

    @Test
    void aTokenThatTheKubeletReplacesIsReadAgain(@TempDir Path mounted) throws Exception {
        Config account = Installation.operatorAccount(administrator);
        String first = tokenBoundTo("first");
        Path file = Files.writeString(mounted.resolve("token"), first);
        Path authority = Files.write(mounted.resolve("ca.crt"), authority(account));
        try (FaultyApiServer api = FaultyApiServer.before(account);
                JavaOperator operator = JavaOperator.start(
                                account,
                                Map.of(
                                        "KUBERNETES_AUTH_TRYKUBECONFIG",
                                        "false",
                                        "KUBERNETES_MASTER",
                                        api.config().getMasterUrl(),
                                        "KUBERNETES_CERTS_CA_FILE",
                                        authority.toString(),
                                        "KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN",
                                        file.toString(),
                                        "KUBERNETES_NAMESPACE",
                                        Installation.NAMESPACE,
                                        "AMBASSADOR_LEADER_ELECTION",
                                        "true"))
                        .allowing(LEASE_OF_ANOTHER_TEST)
                        .allowing(WATCHED_AGAIN)
                        .started()) {
            await().atMost(TO_FAIL).until(operator::leads);

            Files.writeString(file, tokenBoundTo("second"));
            administrator
                    .secrets()
                    .inNamespace(Installation.NAMESPACE)
                    .withName("first")
                    .delete();
            await("the API server rejects the old token").atMost(TO_FAIL).until(() -> !isAccepted(first));
            api.cutWatches();

            awaitGateway();
            assertThat(operator.leads()).isTrue();
            assertThat(operator.terminate(TO_FAIL)).isZero();
        }
    }

    @Test
    void aLeaderEndsWithItsAccountAndServesWithTheNext() throws Exception {
        try (JavaOperator operator = JavaOperator.start(
                        Installation.operatorAccount(administrator), Map.of("AMBASSADOR_LEADER_ELECTION", "true"))
                .expecting(" ERROR lost the Lease ambassador-operator")
                .allowing("Unauthorized")
                .allowing(LEASE_OF_ANOTHER_TEST)
                .started()) {
            await().atMost(TO_FAIL).until(operator::leads);

            administrator
                    .serviceAccounts()
                    .inNamespace(Installation.NAMESPACE)
                    .withName(Installation.ACCOUNT)
                    .delete();

            assertThat(operator.status(TO_FAIL)).isEqualTo(1);
        }
        Installation.apply(kubectl);
        try (JavaOperator operator = JavaOperator.start(Installation.operatorAccount(administrator), Map.of())
                .started()) {
            awaitGateway();
        }
    }

    @Test
    void rightsThatWereAwayAreUsedAgainWithoutARestart() throws Exception {
        try (FaultyApiServer api = FaultyApiServer.before(Installation.operatorAccount(administrator));
                JavaOperator operator = JavaOperator.start(api.config(), Map.of())
                        .allowing("forbidden")
                        .allowing(WATCHED_AGAIN)
                        .started()) {
            administrator
                    .rbac()
                    .clusterRoleBindings()
                    .withName(Installation.ACCOUNT)
                    .delete();
            awaitRejectedWatch(api, 403);

            Installation.apply(kubectl);

            awaitGateway();
            await().atMost(TO_RECOVER).until(() -> operator.ask("/readyz").statusCode() == 200);
        }
    }

    @Test
    void aDefinitionThatIsAppliedAgainNeedsNoRestart() throws Exception {
        try (FaultyApiServer api = FaultyApiServer.before(Installation.operatorAccount(administrator));
                JavaOperator operator = JavaOperator.start(api.config(), Map.of())
                        .expecting(
                                " WARN cannot watch /apis/ambassador.link/v1alpha1/ambassadors, .*kubernetes/install/crd")
                        .allowing("(?i)not found")
                        .allowing(WATCHED_AGAIN)
                        .started()) {
            awaitGateway();
            var definition = administrator
                    .apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName(AmbassadorCrds.committed().getMetadata().getName());
            definition.delete();
            try {
                await().atMost(TO_FAIL).until(() -> definition.get() == null);
                awaitRejectedWatch(api, 404);
                await("it tells that it sees no Ambassadors").atMost(TO_RECOVER).until(() -> operator.toString()
                        .contains("cannot watch"));
            } finally {
                AmbassadorCrds.install(administrator);
            }
            awaitGateway();
            await().atMost(TO_RECOVER).until(() -> operator.ask("/readyz").statusCode() == 200);
        }
    }

    private static void awaitRejectedWatch(FaultyApiServer api, int status) {
        await("the API server rejects watches")
                .atMost(TO_FAIL)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    api.cutWatches();
                    return api.seen(HttpMethod.GET, "/ambassadors").stream()
                            .anyMatch(request -> request.status() == status);
                });
    }

    /** Creates an Ambassador, and waits until the operator has made its Deployment. */
    private static void awaitGateway() {
        Ambassador ambassador = administrator
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: ambassador.link/v1alpha1
                        kind: Ambassador
                        metadata: {generateName: redis-}
                        spec: {links: [{listen: 6379, targets: [{host: 192.168.1.52, port: 6379}]}]}
                        """,
                        Ambassador.class))
                .inNamespace(NAMESPACE)
                .create();
        var deployment = administrator
                .apps()
                .deployments()
                .inNamespace(NAMESPACE)
                .withName(ambassador.getMetadata().getName() + "-ambassador");
        await("a gateway").atMost(TO_RECOVER).until(() -> deployment.get() != null);
    }

    /** A token of the operator's account that ends with a Secret of this name, as one in a pod ends with the pod. */
    private static String tokenBoundTo(String name) {
        Secret secret = administrator
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .inNamespace(Installation.NAMESPACE)
                .forceConflicts()
                .serverSideApply();
        return administrator
                .serviceAccounts()
                .inNamespace(Installation.NAMESPACE)
                .withName(Installation.ACCOUNT)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(3600L)
                        .withNewBoundObjectRef()
                        .withApiVersion("v1")
                        .withKind("Secret")
                        .withName(name)
                        .withUid(secret.getMetadata().getUid())
                        .endBoundObjectRef()
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    private static boolean isAccepted(String token) {
        return Boolean.TRUE.equals(administrator
                .resource(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(token)
                        .endSpec()
                        .build())
                .create()
                .getStatus()
                .getAuthenticated());
    }

    private static byte[] authority(Config account) throws Exception {
        return account.getCaCertFile() == null
                ? Base64.getDecoder().decode(account.getCaCertData())
                : Files.readAllBytes(Path.of(account.getCaCertFile()));
    }
}
