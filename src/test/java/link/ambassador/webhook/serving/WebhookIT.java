package link.ambassador.webhook.serving;

import static link.ambassador.webhook.serving.WebhookFixture.isInjected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import link.ambassador.config.Labels;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.kubernetes.WithoutRetry;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.webhook.tls.CertificateTimes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real API server makes of pods that it asks this process about over HTTPS. */
@ExtendWith(ApiServer.class)
class WebhookIT {
    private static final int PODS = 100;
    private static final Map<String, String> ASKING = Map.of(Labels.INJECT, "true");
    private static final Map<String, String> REQUIRING = Map.of(Labels.INJECT, "required");
    private static final Duration SOON = Duration.ofSeconds(30);

    private KubernetesClient kubernetes;
    private WebhookFixture scene;

    @BeforeEach
    void scene(KubernetesClient client) throws Exception {
        kubernetes = client;
        scene = new WebhookFixture(client);
    }

    @AfterEach
    void close() {
        scene.close();
    }

    @Test
    void anAmbassadorThatComesFirstIsInEveryPodThatFollowsAtOnce() {
        WebhookFixture.Replica replica = scene.serving();
        int injected = 0;
        for (int i = 0; i < PODS; i++) {
            scene.ambassador("redis-" + i, "web-" + i);
            injected += isInjected(scene.create(Map.of("app", "web-" + i))) ? 1 : 0;
        }

        assertThat(injected).isEqualTo(PODS);
        assertThat(replica.meters
                        .counter("ambassador.injection", "reason", "Selected")
                        .count())
                .isEqualTo(PODS);
    }

    @Test
    void theLabelAloneGetsEveryPodARelay() {
        scene.serving();
        int injected = 0;
        for (int i = 0; i < PODS; i++) {
            injected += isInjected(scene.create(ASKING)) ? 1 : 0;
        }

        assertThat(injected).isEqualTo(PODS);
    }

    @Test
    void aPodThatNobodySelectsIsAsItWas() {
        scene.serving();
        scene.ambassador("redis", "web");

        Pod pod = scene.create(Map.of("app", "other"));

        assertThat(isInjected(pod)).isFalse();
    }

    @Test
    void withoutTheOperatorOnlyPodsThatRequireARelayWait() {
        scene.serving().close();

        assertThat(isInjected(scene.create(ASKING))).isFalse();
        try (KubernetesClient once = WithoutRetry.client(kubernetes)) {
            var required = once.resource(WebhookFixture.pod(REQUIRING)).inNamespace(scene.namespace());
            assertThatThrownBy(required::create)
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("failed calling webhook \"required.pods.ambassador.link\"");
        }
    }

    @Test
    void aPodThatRequiresItsRelayGetsIt() {
        scene.serving();

        assertThat(isInjected(scene.create(REQUIRING))).isTrue();
    }

    @Test
    void aPodWithTheLongestNameIsInjected() {
        scene.serving();
        scene.ambassador("a".repeat(52), "web");

        Pod pod = kubernetes
                .resource(new PodBuilder(WebhookFixture.pod(Map.of("app", "web", Labels.INJECT, "required")))
                        .editMetadata()
                        .withGenerateName(null)
                        .withName("p".repeat(253))
                        .endMetadata()
                        .build())
                .inNamespace(scene.namespace())
                .create();

        assertThat(isInjected(pod)).isTrue();
    }

    /** An API server keeps 4,096 characters of all warnings; beyond that it cuts each of them. */
    @Test
    void warningsOfHundredsOfAmbassadorsFitTheApiServer(@TempDir Path directory) throws Exception {
        scene.serving();
        for (int number = 0; number < 100; number++) {
            scene.ambassador("a-name-of-some-length-" + number, "web");
        }

        String printed = new Kubectl(kubernetes, scene.namespace(), directory)
                .run(
                        "",
                        "run",
                        "web",
                        "--image=example.com/app",
                        "--labels=app=web",
                        "--annotations=ambassador.link/aliases=" + upperCaseNames(40),
                        "--dry-run=server")
                .succeeded()
                .output();

        List<String> warnings =
                printed.lines().filter(line -> line.startsWith("Warning: ")).toList();
        assertThat(warnings).hasSize(17).last().asString().startsWith("Warning: And ");
        assertThat(warnings).allSatisfy(warning -> assertThat(warning).hasSizeLessThanOrEqualTo(9 + 120));
    }

    @Test
    void whoCopiesAPodForDebuggingIsToldThatItsLabelsAreMissed(@TempDir Path directory) throws Exception {
        scene.serving();
        scene.ambassador("redis", "web");
        Kubectl kubectl = new Kubectl(kubernetes, scene.namespace(), directory);
        kubectl.run("", "run", "web", "--image=example.com/app", "--labels=app=web,ambassador.link/inject=required")
                .succeeded();

        // Not required itself, so that it goes without an answer when the machine is too busy to give one in a second.
        int[] copies = {0};
        await().atMost(SOON)
                .until(() -> copied(kubectl, "copy-" + copies[0]++), warning -> warning.contains("gets no links"));

        assertThat(copied(kubectl, "labelled", "--keep-labels")).doesNotContain("gets no links");
    }

    private static String copied(Kubectl kubectl, String name, String... more) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("debug", "web", "--profile=general", "--copy-to=" + name, "--image=example.com/shell"));
        command.addAll(List.of(more));
        return kubectl.run("", command.toArray(String[]::new)).succeeded().output();
    }

    private static String upperCaseNames(int count) {
        return IntStream.range(0, count).mapToObj(number -> "NAME-" + number).collect(Collectors.joining(","));
    }

    @Test
    void podsThatNeedNoRelayAreNotAskedAbout() {
        WebhookFixture.Replica replica = scene.serving();
        double asked = answers(replica);

        scene.dryRun(Map.of(Labels.INJECT, "false"));
        scene.dryRun(Map.of(Labels.GATEWAY, "redis", Labels.INJECT, "true"));
        kubernetes
                .resource(new PodBuilder(WebhookFixture.pod(ASKING))
                        .editSpec()
                        .withHostNetwork(true)
                        .endSpec()
                        .build())
                .inNamespace(scene.namespace())
                .dryRun()
                .create();
        kubernetes
                .resource(new PodBuilder(WebhookFixture.pod(ASKING))
                        .editSpec()
                        .withNewOs("windows")
                        .endSpec()
                        .build())
                .inNamespace(scene.namespace())
                .dryRun()
                .create();

        assertThat(answers(replica)).isEqualTo(asked);
    }

    @Test
    void aNamespaceThatIsDisabledIsLeftAlone() {
        scene.serving();
        kubernetes.namespaces().withName(scene.namespace()).edit(namespace -> {
            namespace.getMetadata().getLabels().put(Labels.INJECTION, "disabled");
            return namespace;
        });

        await().atMost(SOON).until(() -> !isInjected(scene.dryRun(ASKING)));
        assertThat(isInjected(scene.dryRun(REQUIRING))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"remove", "replace"})
    void aBundleThatIsWipedIsPutBack(String operation) {
        scene.serving();
        String bundle = bundle();

        String value = operation.equals("remove") ? "" : ", \"value\": \"\"";
        kubernetes
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(scene.configurationName())
                .patch(
                        PatchContext.of(PatchType.JSON),
                        "[{\"op\": \"%s\", \"path\": \"/webhooks/0/clientConfig/caBundle\"%s}]"
                                .formatted(operation, value));

        await().atMost(SOON).untilAsserted(() -> assertThat(bundle()).isEqualTo(bundle));
        await().atMost(SOON).until(() -> isInjected(scene.dryRun(ASKING)));
    }

    @Test
    void theBundleHasAFieldManagerOfItsOwnAndNothingElseIsWritten() {
        scene.serving();

        assertThat(scene.stored().getMetadata().getManagedFields())
                .filteredOn(managed -> managed.getManager().equals("ambassador-webhook"))
                .singleElement()
                .satisfies(managed -> assertThat(managed.getOperation()).isEqualTo("Apply"))
                .satisfies(
                        managed -> assertThat(managed.getFieldsV1().toString().split("f:caBundle", -1))
                                .hasSize(3))
                .satisfies(managed ->
                        assertThat(managed.getFieldsV1().toString()).doesNotContain("f:rules", "f:failurePolicy"));
    }

    @Test
    void aSecretThatIsDeletedIsMadeAgainOfWhatIsServed() {
        scene.serving();
        Map<String, String> data = secret();

        kubernetes
                .secrets()
                .inNamespace(scene.namespace())
                .withName(WebhookFixture.SECRET)
                .delete();

        await().atMost(SOON).untilAsserted(() -> assertThat(secret()).isEqualTo(data));
    }

    @Test
    void aSecretThatIsSpoiltIsMadeAnewAndTrusted() {
        WebhookFixture.Replica replica = scene.serving();
        kubernetes
                .secrets()
                .inNamespace(scene.namespace())
                .withName(WebhookFixture.SECRET)
                .edit(secret -> {
                    secret.getData().put("tls.key", "Z2FyYmFnZQ==");
                    return secret;
                });

        await().atMost(SOON).until(() -> !secret().get("tls.key").equals("Z2FyYmFnZQ=="));
        await().atMost(SOON).until(() -> isInjected(scene.dryRun(ASKING)));
        assertThat(replica.webhook.isReady()).isTrue();
    }

    @Test
    void replicasThatStartAtOnceShareOneSecret() throws Exception {
        int other = LoopbackPort.free();
        WebhookFixture.Replica one = scene.start(scene.port(), CertificateTimes.DEFAULT);
        WebhookFixture.Replica two = scene.start(other, CertificateTimes.DEFAULT);
        WebhookFixture.awaitReady(one);
        WebhookFixture.awaitReady(two);

        assertThat(Handshake.leafAt(other)).isEqualTo(Handshake.leafAt(scene.port()));
        await().atMost(SOON).until(() -> isInjected(scene.dryRun(ASKING)));
    }

    private String bundle() {
        var first = scene.stored().getWebhooks().get(0);
        var second = scene.stored().getWebhooks().get(1);
        assertThat(second.getClientConfig().getCaBundle()).isNotEmpty();
        return first.getClientConfig().getCaBundle();
    }

    private Map<String, String> secret() {
        var secret = kubernetes
                .secrets()
                .inNamespace(scene.namespace())
                .withName(WebhookFixture.SECRET)
                .get();
        return secret == null ? Map.of() : secret.getData();
    }

    private static double answers(WebhookFixture.Replica replica) {
        return replica.meters.find("ambassador.injection").counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }
}
