package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.config.Annotations;
import link.ambassador.operator.FakeSidecars.SidecarPod;
import org.junit.jupiter.api.extension.ExtendWith;

/** What Ambassadors with sidecars do to running pods, and what the operator reports about that. */
@ExtendWith({GatewayTestExtension.class, RunningOperator.class})
@SuppressWarnings("try") // What runs while a block does.
class SidecarIT {
    @ConcurrentTest
    void anEditReachesEveryPodAndIsAcknowledged(GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
        List<SidecarPod> running = List.of(pods.run("web"), pods.run("web"));
        namespace.awaitStatus("redis", status -> status.summary().relays().equals("2/2"));

        namespace.applied(sidecar("redis", "web", link(6379, "redis-b")));
        AmbassadorStatus status = namespace.awaitStatus(
                "redis", now -> now.lastRetarget() != null && now.lastRetarget().convergedAt() != null);

        assertThat(running).allSatisfy(pod -> assertThat(pod.links()).containsExactly("redis:6379>redis-b"));
        assertThat(status.relays().selected()).isEqualTo(2);
        assertThat(status.relays().injected()).isEqualTo(2);
        assertThat(status.relays().converged()).isEqualTo(2);
        assertThat(status.summary().placement()).isEqualTo("sidecar");
        assertThat(status.lastRetarget().from()).isEqualTo("6379 -> redis-a:6379");
        assertThat(status.lastRetarget().to()).isEqualTo("6379 -> redis-b:6379");
        assertThat(reason(status, "Ready")).isEqualTo("RelaysReady");
        assertThat(namespace.events("redis")).containsSubsequence("RetargetStarted", "Converged");
        assertThat(namespace.objects("redis")).isEmpty();
    }

    @ConcurrentTest
    void aSecondAmbassadorOpensItsLinkLiveAndItsDeletionClosesIt(GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
        SidecarPod pod = pods.run("web");
        awaitLinks(pod, "redis:6379>redis-a");

        namespace.applied(sidecar("db", "web", link(5432, "pg-a")));
        namespace.await("db", "Converged", "Acknowledged");
        assertThat(pod.links()).containsExactlyInAnyOrder("redis:6379>redis-a", "db:5432>pg-a");

        namespace.delete("redis");
        awaitLinks(pod, "db:5432>pg-a");
    }

    @ConcurrentTest
    void aPortThatTwoWantIsTheOldersUntilItGoes(GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
        SidecarPod pod = pods.run("web");
        awaitLinks(pod, "redis:6379>redis-a");
        namespace.awaitAnotherSecond("redis");

        namespace.apply(sidecar("cache", "web", link(6379, "redis-b"), link(6380, "redis-b")));
        AmbassadorStatus refused = namespace.await("cache", "Accepted", "Conflict");
        assertThat(message(refused, "Accepted")).contains("6379", "redis", pod.name());
        awaitLinks(pod, "redis:6379>redis-a", "cache:6380>redis-b");
        assertThat(reason(namespace.status("redis"), "Accepted")).isEqualTo("Accepted");

        namespace.delete("redis");
        awaitLinks(pod, "cache:6379>redis-b", "cache:6380>redis-b");
        namespace.await("cache", "Accepted", "Accepted");
    }

    @ConcurrentTest
    void aPodWithoutARelayNeedsARestartWhichIsSaid(GatewayNamespace namespace, FakeSidecars pods) {
        pods.runBare("web", "web-bare");
        namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
        pods.run("web");

        AmbassadorStatus status = namespace.awaitStatus(
                "redis",
                now -> now.summary().relays().equals("1/2")
                        && reason(now, "Ready").equals("RestartNeeded"));

        assertThat(message(status, "Ready")).contains("1 of 2", "recreate pod web-bare");
        assertThat(status.relays().injected()).isEqualTo(1);
        assertThat(reason(status, "Converged")).isIn("Acknowledged", "Propagating");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(namespace.events("redis")).contains("RestartNeeded"));
    }

    /** Only the kubelet brings a certificate into a pod, and it cannot give a running one another volume. */
    @ConcurrentTest
    void aPodBornBeforeACertificateOfItsLinkServesItAsItWas(GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
        SidecarPod pod = pods.run("web");
        namespace.await("redis", "Converged", "Acknowledged");
        String before = pod.annotation(Annotations.LINKS);

        namespace.applied(sidecar(
                "redis",
                "web",
                "{listen: 6379, targets: [{host: redis-b, port: 6379}], upstreamTLS: {mode: ClientAndServer,"
                        + " validation: {wellKnownCACertificates: System}, clientCertificateRef: {name: orders}}}"));

        AmbassadorStatus status = namespace.await("redis", "Ready", "RestartNeeded");
        assertThat(message(status, "Ready")).contains("orders", "recreate pod " + pod.name());
        assertThat(message(namespace.await("redis", "Converged", "CredentialNotMounted"), "Converged"))
                .contains("was created without the credential orders", "serves port 6379 as before");
        assertThat(pod.annotation(Annotations.LINKS)).isEqualTo(before);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(namespace.events("redis")).contains("RestartNeeded"));
    }

    @ConcurrentTest
    void podsWithTheLongestNamesAreServedAndReported(GatewayNamespace namespace, FakeSidecars pods) {
        String ambassador = "a".repeat(52);
        pods.runBare("web", "b".repeat(253));
        namespace.applied(sidecar(ambassador, "web", link(6379, "redis-a")));
        SidecarPod pod = pods.runAs("c".repeat(253), "web");

        awaitLinks(pod, ambassador + ":6379>redis-a");
        AmbassadorStatus status =
                namespace.awaitStatus(ambassador, now -> now.summary().relays().equals("1/2"));
        assertThat(message(status, "Ready")).contains("recreate pod " + "b".repeat(253));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(namespace.events(ambassador)).contains("RestartNeeded"));
    }

    @ConcurrentTest
    void aPodBornBeforeALinkIsToldToLackItsNames(GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
        pods.run("web");
        AmbassadorStatus status = namespace.awaitStatus(
                "redis",
                now -> now.summary().relays().equals("1/1")
                        && message(now, "Ready").contains("name"));
        assertThat(reason(status, "Ready")).isEqualTo("RelaysReady");
    }

    @ConcurrentTest
    void noPodIsNoFailure(GatewayNamespace namespace) {
        namespace.applied(sidecar("redis", "nobody", link(6379, "redis-a")));
        assertThat(reason(namespace.await("redis", "Ready", "NoPods"), "Converged"))
                .isEqualTo("NoRelays");
    }

    @ConcurrentTest
    void anAnnotationThatIsEditedCopiedOrRemovedIsPutBack(GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
        SidecarPod pod = pods.run("web");
        namespace.await("redis", "Converged", "Acknowledged");
        String right = pod.annotation(Annotations.LINKS);

        pod.annotate(Annotations.LINKS, right.replace("redis-a", "elsewhere"));
        awaitLinks(pod, "redis:6379>redis-a");
        pod.annotate(Annotations.LINKS, null);
        awaitLinks(pod, "redis:6379>redis-a");
        pod.annotate(Annotations.LINKS, "no table at all");
        awaitLinks(pod, "redis:6379>redis-a");
        SidecarPod copy = pods.run("web", right.replace("redis-a", "copied"));
        awaitLinks(copy, "redis:6379>redis-a");
    }

    @ConcurrentTest
    void aPodThatIsSelectedNoMoreLosesTheLinks(GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
        SidecarPod pod = pods.run("web");
        namespace.awaitStatus("redis", now -> now.summary().relays().equals("1/1"));

        pod.label("app", "other");
        awaitLinks(pod);
        namespace.awaitStatus("redis", now -> now.summary().relays().equals("0/0"));

        pod.label("app", "web");
        awaitLinks(pod, "redis:6379>redis-a");
        namespace.awaitStatus("redis", now -> now.summary().relays().equals("1/1"));
    }

    @ConcurrentTest
    void editsOfTwoAmbassadorsAtOneMomentLoseNeither(GatewayNamespace namespace, FakeSidecars pods) {
        SidecarPod pod = pods.run("web");
        namespace.applied(sidecar("redis", "web", link(6379, "redis-0")));
        namespace.applied(sidecar("db", "web", link(5432, "pg-0")));
        awaitLinks(pod, "redis:6379>redis-0", "db:5432>pg-0");

        IntStream.rangeClosed(1, 100).forEach(edit -> CompletableFuture.allOf(
                        CompletableFuture.runAsync(
                                () -> namespace.apply(sidecar("redis", "web", link(6379, "redis-" + edit)))),
                        CompletableFuture.runAsync(
                                () -> namespace.apply(sidecar("db", "web", link(5432, "pg-" + edit)))))
                .join());

        awaitLinks(pod, "redis:6379>redis-100", "db:5432>pg-100");
        namespace.await("redis", "Converged", "Acknowledged");
        namespace.await("db", "Converged", "Acknowledged");
    }

    /** For figures: {@code -Dit.pods=1000}. */
    @ConcurrentTest
    void oneEditIsWrittenIntoEveryPod(KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars pods) {
        int count = Integer.getInteger("it.pods", 60);
        IntStream.range(0, count).parallel().forEach(pod -> pods.runSilent("web"));
        namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
        awaitWritten(kubernetes, namespace, "redis-a", count);

        long edited = System.nanoTime();
        namespace.apply(sidecar("redis", "web", link(6379, "redis-b")));
        awaitWritten(kubernetes, namespace, "redis-b", count);
        System.out.printf(
                "it.pods: %d pods patched %d ms after the edit%n", count, (System.nanoTime() - edited) / 1_000_000);
    }

    private static void awaitWritten(KubernetesClient kubernetes, GatewayNamespace namespace, String host, int count) {
        await().atMost(SOON.multipliedBy(4))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> kubernetes.pods().inNamespace(namespace.name()).list().getItems().stream()
                                .filter(pod -> pod.getMetadata()
                                        .getAnnotations()
                                        .get(Annotations.LINKS)
                                        .contains(host))
                                .count()
                        == count);
    }

    @ConcurrentTest
    void aPortThatTheAppHoldsIsAnErrorOfThatLinkAlone(GatewayNamespace namespace, FakeSidecars pods)
            throws IOException {
        SidecarPod pod = pods.run("web");
        try (ServerSocket app = new ServerSocket(0, 1, InetAddress.getByName(pod.address()))) {
            namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
            namespace.applied(sidecar("taken", "web", link(app.getLocalPort(), "redis-a")));
            AmbassadorStatus taken = namespace.await("taken", "Converged", "RelayInError");
            assertThat(message(taken, "Converged")).contains(pod.name(), "" + app.getLocalPort());
            namespace.await("redis", "Converged", "Acknowledged");
        }
    }

    @ConcurrentTest
    void aRestartedOperatorWritesNothingThatIsRight(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeSidecars pods) {
        namespace.applied(sidecar("redis", "web", link(6379, "redis-a")));
        SidecarPod pod = pods.run("web");
        namespace.await("redis", "Converged", "Acknowledged");
        String version = pod.version();
        try (InProcessOperator another = InProcessOperator.start(
                kubernetes.getConfiguration(), Map.of("AMBASSADOR_NAMESPACES", namespace.name()))) {
            await().atMost(SOON).until(() -> another.answers() > 0);
            assertThat(pod.version()).isEqualTo(version);
        }
    }

    @ConcurrentTest
    void whatWasDeletedWhileNoOperatorRanGoesWithTheNext(GatewayNamespace namespace, FakeSidecars pods) {
        String ofTheGone =
                """
                {"revision":"12345678","sources":[{"namespace":"%s","name":"gone","generation":1}],
                 "links":[{"alias":"gone","listen":6379,"targets":[{"host":"redis-a","port":6379}]}]}"""
                        .formatted(namespace.name());
        awaitLinks(pods.run("web", ofTheGone));
    }

    private static String sidecar(String ambassador, String app, String... links) {
        return manifest(
                ambassador,
                "links: [" + String.join(", ", links) + "]",
                "placement: {sidecar: {selector: {matchLabels: {app: " + app + "}}}}");
    }

    private static void awaitLinks(SidecarPod pod, String... links) {
        await(pod.name()).atMost(SOON).pollInterval(Duration.ofMillis(50)).untilAsserted(() -> assertThat(pod.links())
                .containsExactlyInAnyOrder(links));
    }
}
