package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import link.ambassador.config.Annotations;
import link.ambassador.operator.FakeSidecars.SidecarPod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the user of one namespace can do to the edits of another's. What each took is printed. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs while a block does.
class NoisyNeighbourIT {
    /** Less than what an edit did not arrive in when one tenant could hold up another; a busy machine takes half of it. */
    private static final Duration HELD_UP = Duration.ofSeconds(45);

    @Test
    void manyAmbassadorsOnOnePodHoldUpNobodyElse(
            KubernetesClient kubernetes, GatewayNamespace shop, FakeSidecars pods) {
        try (GatewayNamespace evil = GatewayNamespace.create(kubernetes);
                InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            shop.applied(sidecar("redis", "web", link(6379, "redis-a")));
            SidecarPod web = pods.run("web");
            edit(shop, web, "before", "redis-b");
            runs(kubernetes, evil.name(), "victim", "{\"links\":[]}");

            int links = 16;
            IntStream.range(0, 250)
                    .parallel()
                    .forEach(number -> evil.apply(sidecar(
                            "x" + number,
                            "victim",
                            IntStream.range(0, links)
                                    .map(link -> 1 + number * links + link)
                                    .mapToObj(port -> link(port, "10.0.0.1:1"))
                                    .toArray(String[]::new))));
            edit(shop, web, "after 250 Ambassadors of 16 links on one pod", "redis-c");
            edit(shop, web, "and again", "redis-d");

            await().atMost(Duration.ofMinutes(2))
                    .until(() -> IntStream.range(0, 250)
                                    .mapToObj(number -> evil.status("x" + number))
                                    .filter(status ->
                                            message(status, "Accepted").contains("at most 64 Ambassadors"))
                                    .count()
                            == 250 - 64);
        }
    }

    @Test
    void manyGatewaysThatNameEachOtherHoldUpNobodyElse(KubernetesClient kubernetes, GatewayNamespace shop) {
        try (GatewayNamespace evil = GatewayNamespace.create(kubernetes);
                InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            shop.applied(redis("redis", "redis-a"));
            edit(shop, "before", "redis-b");

            int count = 60;
            Random random = new Random(1);
            for (int number = count - 1; number >= 0; number--) {
                int own = number;
                evil.apply(manifest(
                        "g" + number,
                        "links: ["
                                + IntStream.range(0, 16)
                                        .mapToObj(link -> link(1000 + link, targets(own, count, random)))
                                        .collect(Collectors.joining(", "))
                                + "]",
                        "placement: {gateway: {replicas: 0}}"));
            }
            edit(shop, "after 60 gateways of 16 links of 16 targets", "redis-c");
            edit(shop, "and again", "redis-d");
            await().atMost(Duration.ofMinutes(2)).until(() -> IntStream.range(0, count)
                    .allMatch(number -> !evil.table("g" + number).isEmpty()));
        }
    }

    /** As by an admission webhook of its namespace that takes its time: no write of it ends before this test does. */
    @Test
    void aNamespaceWhoseWritesDoNotEndHoldsUpNobodyElse(KubernetesClient kubernetes, GatewayNamespace shop) {
        try (GatewayNamespace evil = GatewayNamespace.create(kubernetes)) {
            HeldRequests held = HeldRequests.writes(evil.name());
            // Closed after the writes are let go, for which its end waits.
            try (InProcessOperator operator = InProcessOperator.start(kubernetes.getConfiguration(), Map.of(), held);
                    HeldRequests releasedFirst = held) {
                shop.applied(redis("redis", "redis-a"));
                IntStream.range(0, 100)
                        .parallel()
                        .forEach(number -> evil.apply(manifest(
                                "g" + number, "links: [" + link(6379, "redis-a") + "]", "placement: {gateway: {}}")));
                await().until(() -> held.count() > 0);
                edit(shop, "while the writes of a hundred gateways of another namespace hang", "redis-b");
                edit(shop, "and again", "redis-c");
            }
        }
    }

    /** As by an API server that is slow to answer. */
    @Test
    void sourcesThatAreLookedUpForLongHoldUpNobodyElse(
            KubernetesClient kubernetes, GatewayNamespace shop, FakeSidecars pods) {
        try (GatewayNamespace evil = GatewayNamespace.create(kubernetes)) {
            HeldRequests held = HeldRequests.readsOfAmbassadors(evil.name());
            try (InProcessOperator operator = InProcessOperator.start(kubernetes.getConfiguration(), Map.of(), held);
                    HeldRequests releasedFirst = held) {
                shop.applied(sidecar("redis", "web", link(6379, "redis-a")));
                SidecarPod web = pods.run("web");
                runs(kubernetes, evil.name(), "victim", madeUp(evil.name(), 64));
                await().until(() -> held.count() > 0);
                edit(shop, web, "while a made-up source of another namespace is looked up", "redis-b");
                edit(shop, web, "and again", "redis-c");
            }
        }
    }

    @Test
    void aPodWithMadeUpSourcesHasNobodyAskedFor(KubernetesClient kubernetes, GatewayNamespace shop, FakeSidecars pods) {
        CountedGets gets = new CountedGets("/ambassadors/");
        try (InProcessOperator operator = InProcessOperator.start(kubernetes.getConfiguration(), Map.of(), gets)) {
            SidecarPod web = pods.run("web");
            web.annotate(Annotations.LINKS, madeUp(shop.name(), 4500));
            await().atMost(GatewayNamespace.SOON)
                    .until(() -> web.annotation(Annotations.LINKS).length() < 1000);
            assertThat(gets.count()).isZero();
            web.annotate(Annotations.LINKS, madeUp(shop.name(), 64));
            await().atMost(GatewayNamespace.SOON)
                    .until(() -> web.annotation(Annotations.LINKS).length() < 1000);
            assertThat(gets.count()).isEqualTo(64);
        }
    }

    private static String madeUp(String namespace, int sources) {
        return IntStream.range(0, sources)
                .mapToObj(
                        number -> "{\"namespace\":\"" + namespace + "\",\"name\":\"n" + number + "\",\"generation\":1}")
                .collect(Collectors.joining(",", "{\"sources\":[", "],\"links\":[]}"));
    }

    private static String[] targets(int own, int count, Random random) {
        return IntStream.range(0, 16)
                .mapToObj(target -> "g" + Math.min(count, own + 1 + random.nextInt(Math.max(1, count - own))) + ":"
                        + (1000 + random.nextInt(16)))
                .toArray(String[]::new);
    }

    private static void edit(GatewayNamespace shop, SidecarPod web, String when, String host) {
        shop.apply(sidecar("redis", "web", link(6379, host)));
        awaitTimed(when, () -> web.links().contains("redis:6379>" + host));
    }

    private static void edit(GatewayNamespace shop, String when, String host) {
        shop.apply(redis("redis", host));
        awaitTimed(when, () -> shop.table("redis").contains(host));
    }

    private static void awaitTimed(String when, Callable<Boolean> arrived) {
        long begun = System.nanoTime();
        await(when)
                .atMost(HELD_UP)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(arrived);
        System.out.printf(
                "it.neighbour: %s: another's edit arrived after %d ms%n",
                when, (System.nanoTime() - begun) / 1_000_000);
    }

    /** A pod with a running sidecar, at an address where nothing answers. */
    private static void runs(KubernetesClient kubernetes, String namespace, String app, String links) {
        Pod pod = Serialization.unmarshal(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %1$s, namespace: %2$s, labels: {app: %1$s}, annotations: {ambassador.link/links: '%3$s'}}
                spec:
                  initContainers: [{name: ambassador-relay, image: x, restartPolicy: Always}]
                  containers: [{name: app, image: x}]
                """
                        .formatted(app, namespace, links),
                Pod.class);
        kubernetes.resource(pod).create();
        kubernetes
                .resource(pod)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        """
                        {"status": {"phase": "Running", "podIP": "127.0.77.1", "podIPs": [{"ip": "127.0.77.1"}],
                         "initContainerStatuses": [{"name": "ambassador-relay", "ready": true, "started": true,
                           "restartCount": 0, "image": "", "imageID": "",
                           "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}}
                        """);
    }

    private static String sidecar(String ambassador, String app, String... links) {
        return manifest(
                ambassador,
                "links: [" + String.join(", ", links) + "]",
                "placement: {sidecar: {selector: {matchLabels: {app: " + app + "}}}}");
    }
}
