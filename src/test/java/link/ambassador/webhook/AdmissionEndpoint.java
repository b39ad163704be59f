package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Answers an API server's admission reviews with patches: the least that it takes, and none of the product's. */
final class AdmissionEndpoint implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpsServer server;
    private final String certificate;

    private AdmissionEndpoint(HttpsServer server, String certificate) {
        this.server = server;
        this.certificate = certificate;
    }

    static AdmissionEndpoint start(Path directory) throws Exception {
        SelfSignedKeys keys = SelfSignedKeys.of("webhook", directory, "san=ip:127.0.0.1");
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys.store(), SelfSignedKeys.PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        return new AdmissionEndpoint(server, keys.certificate());
    }

    /** @param patch of an admission request; empty to change nothing */
    void serve(String path, Function<JsonNode, Optional<ArrayNode>> patch) {
        server.createContext(path, exchange -> answer(exchange, patch));
    }

    String url(String path) {
        return "https://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    String caBundle() {
        return Base64.getEncoder().encodeToString(certificate.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, Function<JsonNode, Optional<ArrayNode>> patch)
            throws IOException {
        ObjectNode review = (ObjectNode) JSON.readTree(exchange.getRequestBody());
        JsonNode request = review.remove("request");
        ObjectNode response = review.putObject("response");
        response.set("uid", request.path("uid"));
        response.put("allowed", true);
        patch.apply(request).ifPresent(operations -> response.put("patchType", "JSONPatch")
                .put("patch", operations.toString().getBytes(StandardCharsets.UTF_8)));
        byte[] body = JSON.writeValueAsBytes(review);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
