package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import link.ambassador.ConcurrentTest;
import link.ambassador.kubernetes.Kubectl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code kubectl ambassador} as a user types it. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class KubectlPluginE2E {
    private static final String CONVERGED = "1 of 1 relays have it";

    private ClusterNamespace shop;

    @BeforeEach
    void openShop() throws Exception {
        shop = new ClusterNamespace();
    }

    @AfterEach
    void closeShop() {
        shop.close();
    }

    @Test
    void aGatewayIsSwitchedAndSwitchedBack() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Converged");
        InetSocketAddress cache = shop.service();

        assertThat(plugin("switch", "cache", "redis-b:6379"))
                .isEqualToIgnoringNewLines("cache: 6379 -> redis-a:6379 becomes 6379 -> redis-b:6379" + CONVERGED
                        + "To take it back: kubectl ambassador undo cache");
        assertThat(ClusterNamespace.whoAnswers(cache)).isEqualTo("redis-b");
        assertThat(plugin("undo", "cache"))
                .isEqualToIgnoringNewLines("cache: back to 6379 -> redis-a:6379" + CONVERGED);
        assertThat(ClusterNamespace.whoAnswers(cache)).isEqualTo("redis-a");
        assertThat(plugin("history", "cache").lines().skip(1))
                .satisfiesExactly(
                        there -> assertThat(there).endsWith("6379 -> redis-a:6379 becomes 6379 -> redis-b:6379"),
                        back -> assertThat(back).endsWith("6379 -> redis-b:6379 becomes 6379 -> redis-a:6379"));

        String status = plugin("status", "cache");
        System.out.println(status);
        assertThat(status)
                .startsWith("cache, a gateway\n  6379 -> redis-a:6379\n  relays: 1 of 1 have the latest edit\n")
                .contains("  Converged True (Acknowledged): ")
                .contains("  last retarget: from 6379 -> redis-b:6379 to 6379 -> redis-a:6379, ");
        assertThat(plugin("status")).contains("redis-a:6379");
        try (Socket open = new Socket(cache.getAddress(), cache.getPort())) {
            assertThat(ClusterNamespace.ask(open)).isEqualTo("redis-a");
            String connections = plugin("connections", "cache");
            System.out.println(connections);
            assertThat(connections.lines().map(line -> line.strip().replaceAll(" +", " ")))
                    .hasSize(3)
                    .startsWith("POD LISTEN OPEN DRAINING")
                    .endsWith("1 0");
        }
    }

    @ConcurrentTest
    void theConnectionsOfEachSidecarAreCounted() throws Exception {
        ConsumerDeployment web = new ConsumerDeployment(shop, "web");
        shop.apply(
                "redis-a",
                "placement: {sidecar: {selector: {matchExpressions: [{key: app, operator: In, values: [web]}]}}}");
        web.apply(2, "", "ambassador.link/inject: required");
        web.awaitRollout();
        shop.awaitCondition("Converged");

        assertThat(plugin("connections", "cache").lines().map(line -> line.replaceFirst(" .*", "")))
                .contains(web.pods().stream()
                        .map(pod -> pod.getMetadata().getName())
                        .toArray(String[]::new));
    }

    @Test
    void consumersWaitDuringAHoldAndAreReleasedToAnotherTarget() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Converged");
        InetSocketAddress cache = shop.service();

        assertThat(refused("release", "cache")).isEqualTo("cache has no hold");
        String held = plugin("hold", "cache", "--for", "120");
        System.out.println(held);
        assertThat(held)
                .startsWith("cache: Holding. ")
                .contains(" at the latest.\nSwitch over now, then: kubectl ambassador release cache");
        try (Socket waiting = new Socket(cache.getAddress(), cache.getPort())) {
            CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return ClusterNamespace.ask(waiting);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            shop.kubectl("wait", "--for=jsonpath={.status.hold.connectionsHeld}=1", "amb/cache", "--timeout=30s");
            assertThat(answer).isNotDone();

            String released = plugin("release", "cache", "redis-b:6379");
            System.out.println(released);
            assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("redis-b");
            assertThat(released)
                    .startsWith("cache: 6379 -> redis-a:6379 becomes 6379 -> redis-b:6379\n")
                    .contains("Released: 1 connections waited, the longest for ");
        }
    }

    @ConcurrentTest
    void aServiceIsImported() throws Exception {
        String gateway = plugin("import", "svc/redis-a");
        shop.kubectl.run(gateway, "apply", "-f", "-").succeeded();
        shop.kubectl("wait", "--for=condition=Ready", "amb/redis-a-relay", "--timeout=60s");

        String sidecar = plugin("import", "svc/redis-b", "--selector", "app=web,tier=front");
        assertThat(shop.kubectl
                        .run(sidecar, "apply", "--dry-run=server", "-f", "-")
                        .succeeded()
                        .output())
                .contains("redis-b created");

        shop.kubectl("create", "service", "externalname", "pg", "--external-name=pg.example.com", "--tcp=5432");
        assertThat(plugin("import", "svc/pg"))
                .contains("metadata: {name: pg-relay}", "targets: [{host: pg.example.com, port: 5432}]");
        assertThat(refused("import", "pg")).startsWith("import needs svc/<name>");
    }

    @ConcurrentTest
    void whatCannotBeDoneIsOneSentence() throws Exception {
        shop.kubectl
                .run(
                        """
                        apiVersion: ambassador.link/v1alpha1
                        kind: Ambassador
                        metadata: {name: two}
                        spec:
                          links:
                          - {listen: 5432, targets: [{host: pg, port: 5432}]}
                          - {listen: 6379, targets: [{host: "2001:db8::1", port: 6379}]}
                          placement: {gateway: {replicas: 0}}
                        """,
                        "apply",
                        "-f",
                        "-")
                .succeeded();
        shop.kubectl("wait", "--for=condition=Converged", "amb/two", "--timeout=30s");

        assertThat(refused("switch", "two", "pg-b:5432"))
                .isEqualTo("two has several links; say which: two:5432, two:6379");
        assertThat(refused("switch", "two:80", "pg-b:5432"))
                .isEqualTo("two has no link that listens on 80, only on 5432, 6379");
        assertThat(refused("switch", "two:5432", "pg-b"))
                .isEqualTo("'pg-b' is not a target: write <host>:<port>, such as redis-b:6379 or [2001:db8::1]:6379");
        assertThat(refused("switch", "two:5432", "pg-b:70000")).contains("should be less than or equal to 65535");
        assertThat(refused("undo", "two"))
                .isEqualTo("no retarget of two is remembered, so there are no targets to go back to");
        assertThat(refused("connections", "two")).isEqualTo("two has no relay that runs");
        assertThat(refused("switch", "gone", "pg-b:5432")).contains("\"gone\" not found");
        assertThat(refused("fly")).isEqualTo("there is no command 'fly' (kubectl ambassador --help)");

        plugin("switch", "two:6379", "[2001:db8::2]:6379", "redis-a:6379");
        assertThat(plugin("undo", "two")).startsWith("two: back to 6379 -> [2001:db8::1]:6379\n");
        assertThat(plugin("status", "two")).contains("  6379 -> 2001:db8::1:6379\n");
        assertThat(refused("switch", "two:6379", "two:6379")).startsWith("the operator does not accept the edit");
    }

    @ConcurrentTest
    void itHelpsAndCompletes() throws Exception {
        shop.applyAs("cache", "redis-a");
        assertThat(plugin("--help")).contains("kubectl ambassador switch redis redis-b:6379");
        assertThat(shop.kubectl("__complete", "ambassador", "s").lines()).contains("status", "switch");
        assertThat(shop.kubectl("__complete", "ambassador", "switch", "").lines())
                .contains("cache");
    }

    private String plugin(String... arguments) throws IOException, InterruptedException {
        return run(arguments).succeeded().output();
    }

    /** What it says to a command that it ends with status 1. */
    private String refused(String... arguments) throws IOException, InterruptedException {
        Kubectl.Result result = run(arguments);
        assertThat(result.status()).as(result.output()).isEqualTo(1);
        return result.output().lines().reduce((first, last) -> last).orElseThrow();
    }

    private Kubectl.Result run(String... arguments) throws IOException, InterruptedException {
        return shop.kubectl.plugin(arguments);
    }
}
