package link.ambassador.operator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import link.ambassador.config.Annotations;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;
import link.ambassador.config.RelayEnvironment;

/**
 * Plays the sidecars of any number of pods with addresses on the loopback: one server that answers on the admin port of every
 * address as a relay would that serves what its pod's annotation says.
 */
final class FakeRelays implements Closeable {
    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, String> tables = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final HttpServer server;
    private final Watch watch;

    FakeRelays(KubernetesClient kubernetes) throws IOException {
        server = HttpServer.create(new InetSocketAddress(RelayEnvironment.DEFAULT_ADMIN_PORT), 1_000);
        server.createContext("/links", this::answer);
        server.setExecutor(threads);
        server.start();
        watch = kubernetes.pods().inAnyNamespace().watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Pod pod) {
                String address = pod.getStatus().getPodIP();
                if (address != null) {
                    tables.put(address, pod.getMetadata().getAnnotations().get(Annotations.LINKS));
                }
            }

            @Override
            public void onClose(WatcherException cause) {}
        });
    }

    /** How many pods it knows the address of. */
    int known() {
        return tables.size();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String table = tables.getOrDefault(exchange.getLocalAddress().getHostString(), "");
        byte[] answer = json.writeValueAsBytes(acknowledgement(table));
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private ObjectNode acknowledgement(String text) {
        ObjectNode answer = json.createObjectNode().put("version", "test");
        if (LinkTableReader.read(text.getBytes(StandardCharsets.UTF_8)) instanceof ParseResult.Accepted read) {
            LinkTable table = read.table();
            answer.putObject("applied").put("revision", table.revision().orElse(null));
            table.links().forEach(link -> answer.withArray("links")
                    .addObject()
                    .put("alias", link.alias())
                    .put("listen", link.listen())
                    .put("state", "listening"));
        }
        return answer;
    }

    @Override
    public void close() {
        watch.close();
        server.stop(0);
        threads.shutdown();
    }
}
