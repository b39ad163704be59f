package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import link.ambassador.kubernetes.Helm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** A release of the Helm chart on a whole cluster, under a gateway and a sidecar with consumers that connect all the time. */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
@Isolated("replaces the operators")
class HelmE2E {
    private static final String RELEASE = "ambassador";
    private static final String IMAGE = "localhost/amb-ambassador";
    private static final String SIDECAR = "placement: {sidecar: {selector: {matchLabels: {app: web}}}}";

    @TempDir
    private Path directory;

    private final KubernetesClient kubernetes = new KubernetesClientBuilder().build();

    private ClusterNamespace gateways;
    private ClusterNamespace sidecars;
    private ConsumerDeployment web;
    private Helm helm;

    @BeforeEach
    void installation() throws Exception {
        helm = new Helm(kubernetes, directory);
        gateways = new ClusterNamespace();
        sidecars = new ClusterNamespace();
        web = new ConsumerDeployment(sidecars, "web");
    }

    @AfterEach
    void noRelease() throws Exception {
        if (sidecars != null) {
            // A step that failed leaves the release.
            helm.run("uninstall", RELEASE, "--namespace", Installation.NAMESPACE, "--ignore-not-found", "--wait");
            sidecars.install();
            sidecars.close();
            gateways.close();
        }
        kubernetes.close();
    }

    @Test
    void noConnectFailsFromTheTakeoverOfAnInstallationToTheEndOfItsRelease() throws Exception {
        openShops();
        List<String> identities = Stream.of(gateways.identities(), web.identities())
                .flatMap(List::stream)
                .toList();
        try (ServiceLoad consumer = new ServiceLoad(gateways.service());
                ConsumerDeployment.Following app = web.follow(web.pod())) {
            // That of the kustomization, which the other tests use.
            release(IMAGE, "upgrade", "--install", RELEASE, Helm.CHART.toString(), "--take-ownership");
            retarget("redis-b", consumer, app);
            List<String> authorities = authoritiesOfTheWebhook();

            release(
                    IMAGE,
                    "upgrade",
                    RELEASE,
                    Helm.CHART.toString(),
                    "--set",
                    "log.format=json,replicas=1,labelled=true");
            assertThat(operator().getSpec().getReplicas()).isOne();
            assertThat(authoritiesOfTheWebhook()).isEqualTo(authorities);
            retarget("redis-a", consumer, app);

            helm("rollback", RELEASE, "1", "--wait", "--timeout=90s");
            assertThat(operator().getSpec().getReplicas()).isEqualTo(2);
            retarget("redis-b", consumer, app);

            uninstall(consumer, app);
        }
        assertThat(Stream.of(gateways.identities(), web.identities()).flatMap(List::stream))
                .containsExactlyElementsOf(identities);
    }

    /** And back again. The earlier chart is of the commit that {@code src/test/cluster/images/previous COMMIT} prepares. */
    @Test
    void noConnectFailsFromAnUpgradeOfAnEarlierChartToTheEndOfItsRelease() throws Exception {
        PreviousVersion.assumePrepared();
        gateways.kubectl("delete", "ambassadors", "--all", "--all-namespaces");
        gateways.kubectl("delete", "-k", Installation.CLUSTER);
        release(PreviousVersion.REPOSITORY, "install", RELEASE, PreviousVersion.CHART.toString(), "--create-namespace");
        openShops();
        List<String> identities = web.identities();
        assertThat(relaysOfTheGateway()).containsExactly(PreviousVersion.IMAGE);

        try (ServiceLoad consumer = new ServiceLoad(gateways.service());
                ConsumerDeployment.Following app = web.follow(web.pod())) {
            release(IMAGE, "upgrade", RELEASE, Helm.CHART.toString(), "--reset-then-reuse-values");
            awaitGateway(IMAGE + ":test");
            retarget("redis-b", consumer, app);

            helm("rollback", RELEASE, "1", "--wait", "--timeout=90s");
            awaitGateway(PreviousVersion.IMAGE);
            retarget("redis-a", consumer, app);

            uninstall(consumer, app);
        }
        assertThat(web.identities()).isEqualTo(identities);
    }

    private void openShops() throws Exception {
        gateways.apply("redis-a");
        sidecars.apply("redis-a", SIDECAR);
        web.apply(1, "", "ambassador.link/inject: required");
        web.awaitRollout();
        gateways.awaitCondition("Ready");
        sidecars.awaitCondition("Converged");
    }

    /** Ends the release. Consumers go on, and none has failed from the start. */
    private void uninstall(ServiceLoad consumer, ConsumerDeployment.Following app) throws Exception {
        helm("uninstall", RELEASE, "--wait", "--timeout=90s");
        assertThat(operator()).isNull();
        assertThat(gateways.kubectl("get", "crd,amb", "-o=name")).contains("ambassador.ambassador.link/cache");
        long connects = consumer.connects();
        int answers = app.answers();
        await().atMost(ClusterNamespace.TO_START)
                .until(() -> consumer.connects() > connects + 100 && app.answers() > answers + 20);

        System.out.printf(
                "helm: %d connects to the gateway, %d answers of the sidecar's app%n",
                consumer.connects(), app.answers());
        assertThat(consumer.failures())
                .as("of %d connects", consumer.connects())
                .isEmpty();
        assertThat(app.failures()).as("of %d answers", app.answers()).isEmpty();
    }

    private void awaitGateway(String image) {
        await().atMost(ClusterNamespace.TO_START)
                .untilAsserted(() -> assertThat(relaysOfTheGateway()).containsExactly(image));
    }

    private List<String> relaysOfTheGateway() {
        return gateways.relays().stream()
                .flatMap(pod -> pod.getSpec().getContainers().stream())
                .map(Container::getImage)
                .toList();
    }

    private void retarget(String host, ServiceLoad consumer, ConsumerDeployment.Following app) throws Exception {
        gateways.apply(host);
        sidecars.apply(host, SIDECAR);
        await().atMost(ClusterNamespace.TO_CONVERGE)
                .until(() -> consumer.last().equals(host) && app.last().equals(host));
        gateways.awaitCondition("Converged");
        sidecars.awaitCondition("Converged");
    }

    /** With an image of the tests' cluster, and once the operators are ready. */
    private void release(String repository, String... arguments) throws Exception {
        String image = "image.repository=" + repository + ",image.tag=test";
        helm(Stream.concat(Stream.of(arguments), Stream.of("--set", image, "--wait", "--timeout=90s"))
                .toArray(String[]::new));
    }

    private void helm(String... arguments) throws Exception {
        helm.run(Stream.concat(Stream.of(arguments), Stream.of("--namespace", Installation.NAMESPACE))
                        .toArray(String[]::new))
                .succeeded();
    }

    /** They are in no manifest: the operators write them, and an upgrade leaves them. */
    private List<String> authoritiesOfTheWebhook() {
        return kubernetes
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName("ambassador-webhook")
                .get()
                .getWebhooks()
                .stream()
                .map(entry -> entry.getClientConfig().getCaBundle())
                .toList();
    }

    private Deployment operator() {
        return kubernetes
                .apps()
                .deployments()
                .inNamespace(Installation.NAMESPACE)
                .withName(Installation.ACCOUNT)
                .get();
    }
}
