package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.SOON;
import static link.ambassador.operator.GatewayNamespace.link;
import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.config.RelayEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pods of a namespace's user that look like relays, and answer as they like. */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs while a block does.
class ForgedRelaysIT {
    private static final String REFUSED =
            "{\"rejected\":{\"error\":\"x\\n2026-11-30T00:00:00.000Z ERROR forged\\u001b[31m" + "y".repeat(100_000)
                    + "\"}}";

    @Test
    void aPodThatOnlyCarriesAGatewaysLabelIsNotAsked(
            KubernetesClient kubernetes, GatewayNamespace namespace, FakeKubelet kubelet) throws IOException {
        try (Liar liar = new Liar("127.0.66.1");
                InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            namespace.applied(redis("redis", "redis-a"));
            runs(kubernetes, namespace, "metadata: {name: forged, labels: {ambassador.link/gateway: redis}}", "", liar);
            kubelet.run("redis");
            namespace.awaitStatus("redis", status -> status.summary().relays().equals("1/1"));
            namespace.apply(redis("redis", "redis-b"));
            namespace.awaitStatus(
                    "redis",
                    status -> status.lastRetarget() != null
                            && status.lastRetarget().convergedAt() != null);
            assertThat(liar.asked).hasValue(0);
        }
    }

    @Test
    void whatAPodSaysIsOneShortLineOfStatusLogAndEvent(KubernetesClient kubernetes, GatewayNamespace namespace)
            throws IOException {
        try (Warnings warnings = Warnings.listen();
                Liar liar = new Liar("127.0.66.2");
                InProcessOperator operator = InProcessOperator.start(kubernetes)) {
            runs(
                    kubernetes,
                    namespace,
                    "metadata: {name: web, labels: {app: web}}",
                    "initContainers: [{name: ambassador-relay, image: x, restartPolicy: Always}], ",
                    liar);
            namespace.applied(selectingWeb("redis-a"));
            // The Ambassador may come before its pod to the operator, and then this revision converged without relays.
            namespace.awaitStatus("redis", status -> status.relays().stale() == 1);
            namespace.applied(selectingWeb("redis-b"));
            String told = GatewayNamespace.message(namespace.await("redis", "Converged", "RelayInError"), "Converged");
            assertThat(told).contains("x 2026").hasSizeLessThan(600).matches("[^\\p{Cntrl}]*");
            await().atMost(SOON)
                    .until(() -> namespace.eventMessages("redis", "Stalled").contains(told));
            assertThat(namespace.eventMessages("redis", "Stalled"))
                    .contains(told)
                    .allMatch(message -> message.matches("[^\\p{Cntrl}]{1,1000}"));
            assertThat(warnings.all()).isNotEmpty().allMatch(line -> line.matches("[^\\p{Cntrl}]{1,1000}"));
        }
    }

    private static String selectingWeb(String target) {
        return manifest(
                "redis",
                "links: [" + link(6379, target) + "]",
                "placement: {sidecar: {selector: {matchLabels: {app: web}}}}");
    }

    private static void runs(
            KubernetesClient kubernetes,
            GatewayNamespace namespace,
            String metadata,
            String initContainers,
            Liar liar) {
        Pod pod = Serialization.unmarshal(
                "apiVersion: v1\nkind: Pod\n" + metadata + "\nspec: {" + initContainers
                        + "containers: [{name: app, image: x}]}",
                Pod.class);
        Pod created = kubernetes.resource(pod).inNamespace(namespace.name()).create();
        kubernetes
                .resource(created)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        """
                        {"status": {"phase": "Running", "podIP": "%1$s", "podIPs": [{"ip": "%1$s"}],
                         "conditions": [{"type": "Ready", "status": "True"}],
                         "initContainerStatuses": [{"name": "ambassador-relay", "ready": true, "started": true,
                           "restartCount": 0, "image": "", "imageID": ""}]}}
                        """
                                .formatted(liar.address));
    }

    /** Answers on the admin port of its address what no relay would. */
    private static final class Liar implements AutoCloseable {
        private final String address;
        private final AtomicInteger asked = new AtomicInteger();
        private final HttpServer server;

        Liar(String address) throws IOException {
            this.address = address;
            server = HttpServer.create(new InetSocketAddress(address, RelayEnvironment.DEFAULT_ADMIN_PORT), 10);
            server.createContext("/", exchange -> {
                asked.incrementAndGet();
                byte[] answer = REFUSED.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            server.start();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
