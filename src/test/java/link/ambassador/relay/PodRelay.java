package link.ambassador.relay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.link.Link;
import link.ambassador.link.LinkTable;
import link.ambassador.link.LinkTableReader;
import link.ambassador.link.RelayEnvironment;
import link.ambassador.link.TableReading;

/**
 * What a relay in a pod says to an operator, on the address of that pod: {@code /links} as docs/link-table.md says, from a
 * table in a file. It carries no bytes; that is for the tests on real pods.
 */
public final class PodRelay implements AutoCloseable {
    private final ObjectMapper json = new ObjectMapper();
    private final HttpServer server;
    private final Path file;
    private final AtomicInteger asked = new AtomicInteger();
    private LinkTable applied;

    private PodRelay(HttpServer server, Path file) {
        this.server = server;
        this.file = file;
    }

    /** One that serves when this returns. */
    public static PodRelay start(String address, Path file) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(address, RelayEnvironment.DEFAULT_ADMIN_PORT), 0);
        PodRelay relay = new PodRelay(server, file);
        server.createContext("/links", relay::answer);
        server.start();
        return relay;
    }

    /** How often it was asked for its links. */
    public int asked() {
        return asked.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.incrementAndGet();
        byte[] body = json.writeValueAsBytes(links());
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private Map<String, Object> links() throws IOException {
        TableReading reading = LinkTableReader.read(Files.readAllBytes(file));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("version", "0.1.0-SNAPSHOT");
        if (reading instanceof TableReading.Accepted accepted) {
            applied = accepted.table();
            document.put("rejected", null);
        } else if (reading instanceof TableReading.Rejected rejected) {
            document.put("rejected", new Refusal(null, rejected.sentence()));
        }
        document.put(
                "applied",
                applied == null ? null : Map.of("revision", applied.revision().orElse("")));
        document.put(
                "links",
                applied == null
                        ? List.of()
                        : applied.links().stream().map(PodRelay::link).toList());
        return document;
    }

    private record Refusal(String revision, String error) {}

    private static Map<String, Object> link(Link link) {
        return Map.of("alias", link.alias(), "listen", link.listen(), "state", "listening", "targets", List.of());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
