package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What a consumer that keeps its connections busy sees of edits. */
@Isolated("takes all the processors")
class GatewayConsumersE2E {
    private ClusterNamespace shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new ClusterNamespace();
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
        await().atMost(ClusterNamespace.TO_START).until(this::benchmark, "Running"::equals);

        int edits = 0;
        while (benchmark().equals("Running")) {
            String next = edits % 2 == 0 ? "redis-b" : "redis-a";
            shop.apply(next, keep);
            await().atMost(ClusterNamespace.TO_CONVERGE)
                    .until(() -> ClusterNamespace.whoAnswers(shop.service()), next::equals);
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
