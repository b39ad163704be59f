package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.redis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import link.ambassador.api.v1alpha1.Ambassador;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A spec that is edited while the operator writes a status. The Operator SDK from 5.3 on can take the event of such an edit
 * for that of its own write (https://github.com/operator-framework/java-operator-sdk/issues/3398): this guards the upgrade.
 */
@ExtendWith(GatewayTestExtension.class)
@SuppressWarnings("try") // What runs, or watches, while a block does.
class EditDuringStatusWriteIT {
    private static final int AMBASSADORS = 10;
    private static final int EDITS = 10;
    private static final Duration FOR_ALL_EDITS = Duration.ofMinutes(2);

    @Test
    void theLastEditWinsWhereverItMeetsTheWrite(KubernetesClient kubernetes, GatewayNamespace namespace) {
        Edits edits = new Edits(namespace);
        try (InProcessOperator operator = InProcessOperator.start(kubernetes.getConfiguration(), Map.of(), edits)) {
            List<String> names =
                    IntStream.range(0, AMBASSADORS).mapToObj(i -> "redis-" + i).toList();
            names.forEach(name -> namespace.apply(redis(name, "edit-0.example.com")));

            for (String name : names) {
                // A write that swallows an edit ends the chain: without the edit there is nothing more to write.
                await(name + " is edited at each write of its status")
                        .atMost(FOR_ALL_EDITS)
                        .until(() -> edits.of(name) == EDITS);
                await(name + " serves its last edit")
                        .atMost(GatewayNamespace.SOON)
                        .untilAsserted(() -> {
                            assertThat(namespace.table(name)).contains("edit-" + EDITS + ".example.com");
                            Ambassador edited = namespace.ambassador(name);
                            assertThat(edited.getStatus().observedGeneration())
                                    .isEqualTo(edited.getMetadata().getGeneration());
                            assertThat(edited.getStatus().summary().target())
                                    .isEqualTo("edit-" + EDITS + ".example.com:6379");
                        });
            }
        } finally {
            edits.executor.shutdown();
        }
    }

    /** Edits an Ambassador at each write of its status: before it is sent, while it is on its way, and once it is answered. */
    private static final class Edits implements Interceptor {
        private static final Pattern STATUS = Pattern.compile("/ambassadors/([^/]+)/status$");

        private final Map<String, AtomicInteger> edits = new ConcurrentHashMap<>();
        private final ExecutorService executor = Executors.newCachedThreadPool();
        private final GatewayNamespace namespace;

        Edits(GatewayNamespace namespace) {
            this.namespace = namespace;
        }

        int of(String name) {
            return edits.computeIfAbsent(name, absent -> new AtomicInteger()).get();
        }

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            Matcher status = STATUS.matcher(request.uri().getPath());
            if (isOurs(request) && status.find()) {
                String name = status.group(1);
                switch (of(name) % 3) {
                    case 0 -> edit(name);
                    case 1 -> executor.execute(() -> edit(name));
                    default -> {}
                }
            }
        }

        @Override
        public void after(
                HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            Matcher status = STATUS.matcher(request.uri().getPath());
            if (isOurs(request) && status.find() && of(status.group(1)) % 3 == 2) {
                // Not on this thread: it is the one that reads answers.
                executor.execute(() -> edit(status.group(1)));
            }
        }

        private boolean isOurs(HttpRequest request) {
            return request.method().equals("PATCH")
                    && request.uri().getPath().contains("/namespaces/" + namespace.name() + "/");
        }

        private synchronized void edit(String name) {
            int next = of(name) + 1;
            if (next <= EDITS) {
                namespace.apply(redis(name, "edit-" + next + ".example.com"));
                edits.get(name).set(next);
            }
        }
    }
}
