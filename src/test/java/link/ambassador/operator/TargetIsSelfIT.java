package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.reason;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Service;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gateways whose connections would come back to them. */
@ExtendWith({GatewayTestExtension.class, RunningOperator.class})
class TargetIsSelfIT {
    private static final Duration QUIET = Duration.ofSeconds(2);

    @ConcurrentTest
    void itsOwnServiceIsRefusedByEachOfItsNames(GatewayNamespace namespace) {
        String ns = namespace.name();
        Map<String, String> names = new TreeMap<>(Map.of(
                "bare", "bare",
                "dotted", "dotted.",
                "upper", "UPPER." + ns,
                "namespaced", "namespaced." + ns,
                "svc", "svc." + ns + ".svc",
                "full", "full." + ns + ".svc.cluster.local",
                "rooted", "rooted." + ns + ".svc.cluster.local."));
        names.forEach((name, host) -> namespace.apply(redis(name, host)));
        namespace.apply(manifest(
                "renamed", "links: [" + link(6379, "other") + "]", "placement: {gateway: {service: {name: other}}}"));

        Stream.concat(names.keySet().stream(), Stream.of("renamed")).forEach(name -> {
            AmbassadorStatus status = namespace.await(name, "Accepted", "TargetIsSelf");
            assertThat(message(status, "Accepted")).contains("6379", "own Service", "service.name");
            assertThat(reason(status, "Ready")).isEqualTo("NotAccepted");
            assertThat(namespace.objects(name)).isEmpty();
        });
        assertThat(namespace.events("bare")).containsExactly("TargetIsSelf");
    }

    @ConcurrentTest
    void itsClusterIpIsRefusedAndTheLastGoodTableStays(GatewayNamespace namespace) {
        AmbassadorStatus good = namespace.applied(redis("redis", "redis-a"));
        String table = namespace.table("redis");
        String address =
                namespace.get(Service.class, "redis").orElseThrow().getSpec().getClusterIP();

        namespace.apply(redis("redis", "redis-b", address));
        AmbassadorStatus refused = namespace.await("redis", "Accepted", "TargetIsSelf");
        assertThat(namespace.table("redis")).isEqualTo(table);
        assertThat(refused.revision()).isEqualTo(good.revision());
        assertThat(refused.observedGeneration()).isEqualTo(2);
        assertThat(reason(refused, "Converged")).isEqualTo("NotAccepted");

        namespace.applied(redis("redis", "redis-b"));
        assertThat(namespace.table("redis")).contains("redis-b");
    }

    @ConcurrentTest
    void ofTwoThatLeadToEachOtherAndComeAtOneMomentOneIsRefused(GatewayNamespace namespace) throws Exception {
        int pairs = 12;
        CyclicBarrier start = new CyclicBarrier(2);
        for (int pair = 0; pair < pairs; pair++) {
            List<CompletableFuture<Void>> both = List.of(
                    applying(namespace, start, "a" + pair, "b" + pair),
                    applying(namespace, start, "b" + pair, "a" + pair));
            CompletableFuture.allOf(both.toArray(CompletableFuture[]::new)).join();
        }
        List<String> names = IntStream.range(0, pairs)
                .boxed()
                .flatMap(i -> Stream.of("a" + i, "b" + i))
                .toList();
        names.forEach(name -> namespace.awaitStatus(
                name, status -> !reason(status, "Accepted").isEmpty()));

        await("one of each pair is refused, and stays so")
                .during(QUIET)
                .atMost(GatewayNamespace.SOON)
                .untilAsserted(() -> {
                    for (int pair = 0; pair < pairs; pair++) {
                        assertThat(List.of(
                                        reason(namespace.status("a" + pair), "Accepted"),
                                        reason(namespace.status("b" + pair), "Accepted")))
                                .as("pair %d", pair)
                                .containsExactlyInAnyOrder("Accepted", "TargetIsSelf");
                    }
                });
        for (int pair = 0; pair < pairs; pair++) {
            boolean a = reason(namespace.status("a" + pair), "Accepted").equals("Accepted");
            assertThat(namespace.table((a ? "b" : "a") + pair))
                    .as("table of the refused of pair %d", pair)
                    .isEmpty();
        }
    }

    @ConcurrentTest
    void whoIsRefusedForACircleIsServedOnceTheOtherLeadsElsewhere(GatewayNamespace namespace) {
        namespace.applied(redis("a", "b"));
        // Of two that come at once either can be the one that is refused.
        namespace.applied(redis("b", "c"));
        namespace.apply(redis("c", "a"));
        AmbassadorStatus refused = namespace.await("c", "Accepted", "TargetIsSelf");
        assertThat(message(refused, "Accepted"))
                .contains("c." + namespace.name() + ":6379 -> a." + namespace.name() + ":6379 -> b.");

        namespace.apply(redis("b", "redis-b"));
        namespace.await("c", "Accepted", "Accepted");
        assertThat(namespace.table("c")).contains("\"a\"");
    }

    private static CompletableFuture<Void> applying(
            GatewayNamespace namespace, CyclicBarrier start, String name, String target) {
        return CompletableFuture.runAsync(() -> {
            try {
                start.await();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            namespace.apply(redis(name, target));
        });
    }
}
