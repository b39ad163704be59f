package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What consumers that keep their connections see of an edit. */
class GatewayConsumersE2E {
    private Shop shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new Shop();
    }

    @AfterEach
    void noShop() {
        shop.close();
    }

    @Test
    void aBenchmarkEndsWithoutAnErrorWhileTheTargetIsEdited() throws Exception {
        String keep = "retarget: {existingConnections: Keep}";
        shop.apply("redis-a", keep);
        shop.awaitCondition("Ready");
        shop.kubernetes
                .resource(
                        """
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: benchmark}
                        spec:
                          restartPolicy: Never
                          containers:
                          - name: benchmark
                            image: localhost/amb-redis:test
                            command: [redis-benchmark, -h, cache, -t, get, -c, "20", -n, "300000", --csv]
                            securityContext:
                              runAsNonRoot: true
                              allowPrivilegeEscalation: false
                              capabilities: {drop: [ALL]}
                              seccompProfile: {type: RuntimeDefault}
                        """)
                .inNamespace(shop.namespace)
                .create();
        await().atMost(Shop.TO_START).until(this::benchmark, "Running"::equals);

        int edits = 0;
        while (benchmark().equals("Running")) {
            String next = edits % 2 == 0 ? "redis-b" : "redis-a";
            shop.apply(next, keep);
            await().atMost(Shop.TO_CONVERGE).until(() -> Shop.whoAnswers(shop.service()), next::equals);
            edits++;
        }

        assertThat(edits).as("while it ran").isGreaterThan(3);
        String log = shop.kubectl("logs", "benchmark");
        assertThat(benchmark()).as(log).isEqualTo("Succeeded");
        assertThat(log).contains("\"GET\"").doesNotContainIgnoringCase("error");
        System.out.printf(
                "e2e.benchmark: %d edits, %s",
                edits, log.lines().reduce((first, last) -> last).orElse(""));
    }

    @Test
    void keptConnectionsLiveOn() throws Exception {
        try (Socket open = onRedisA()) {
            shop.apply("redis-b", "retarget: {existingConnections: Keep}");
            shop.awaitCondition("Converged");

            assertThat(Shop.whoAnswers(shop.service())).isEqualTo("redis-b");
            assertThat(Shop.ask(open)).isEqualTo("redis-a");
        }
    }

    @Test
    void closedConnectionsAreReset() throws Exception {
        try (Socket open = onRedisA()) {
            shop.apply("redis-b", "retarget: {existingConnections: Close}");

            assertThatThrownBy(() -> open.getInputStream().read())
                    .isInstanceOf(IOException.class)
                    .hasMessage("Connection reset");
            assertThat(Shop.whoAnswers(shop.service())).isEqualTo("redis-b");
        }
    }

    @Test
    void drainedConnectionsEndWhenTheyAreIdle() throws Exception {
        try (Socket open = onRedisA()) {
            shop.apply("redis-b", "retarget: {existingConnections: Drain}");

            assertThat(open.getInputStream().read()).as("an end, no reset").isEqualTo(-1);
            assertThat(Shop.whoAnswers(shop.service())).isEqualTo("redis-b");
        }
    }

    private Socket onRedisA() throws Exception {
        shop.apply("redis-a");
        shop.awaitCondition("Ready");
        Socket open = new Socket();
        open.connect(shop.service(), 5_000);
        open.setSoTimeout((int) Shop.TO_CONVERGE.toMillis());
        assertThat(Shop.ask(open)).isEqualTo("redis-a");
        return open;
    }

    private String benchmark() {
        return shop.kubernetes
                .pods()
                .inNamespace(shop.namespace)
                .withName("benchmark")
                .get()
                .getStatus()
                .getPhase();
    }
}
