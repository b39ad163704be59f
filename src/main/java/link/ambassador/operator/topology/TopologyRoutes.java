package link.ambassador.operator.topology;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.operator.history.Retarget;

/**
 * The page and its document, by GET alone: {@code /}, {@code /topology.css}, {@code /topology.js} and {@code /topology.json}. The page loads
 * nothing from elsewhere. It writes texts as texts, never as HTML, and its Content-Security-Policy would stop a script that got in.
 */
public final class TopologyRoutes {
    /** How long an overview is served again: however often somebody asks, it is made once in that time. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private static final String SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /**
     * An address or localhost, with or without a port. A web page elsewhere whose name resolves to this address could read the
     * documents otherwise, through the browser of a person who has forwarded the port (DNS rebinding).
     */
    private static final Pattern HOST =
            Pattern.compile("(localhost|[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-fA-F:.]{2,45}])(:[0-9]{1,5})?");

    private record Made(Buffer overview, Instant at) {}

    /**
     * What the documents are made of.
     *
     * @param known every Ambassador in the cache
     * @param find one of them, by namespace and name
     * @param retargets those that are remembered of one, the newest first
     * @param leads whether this operator reconciles
     */
    public record Sources(
            Supplier<Stream<Ambassador>> known,
            BiFunction<String, String, Optional<Ambassador>> find,
            Function<Ambassador, List<Retarget>> retargets,
            Topology topology,
            BooleanSupplier leads,
            String version,
            Clock clock) {}

    private final Sources sources;
    private final ObjectMapper json = new ObjectMapper();
    private Made made;

    public TopologyRoutes(Sources sources) {
        this.sources = sources;
    }

    /** Adds the routes to {@code router}. */
    public void addTo(Router router) {
        router.get("/").handler(file("index.html", "text/html; charset=utf-8"));
        router.get("/topology.css").handler(file("topology.css", "text/css; charset=utf-8"));
        router.get("/topology.js").handler(file("topology.js", "text/javascript; charset=utf-8"));
        // Not on the event loop, which answers the probes: an overview of a thousand takes some milliseconds.
        router.get("/topology.json").handler(TopologyRoutes::guard).blockingHandler(this::document, false);
    }

    private void document(RoutingContext request) {
        String namespace = request.request().getParam("namespace");
        String name = request.request().getParam("name");
        if (namespace == null && name == null) {
            answer(request, HttpURLConnection.HTTP_OK, overview());
            return;
        }
        if (namespace == null || name == null) {
            answer(
                    request,
                    HttpURLConnection.HTTP_BAD_REQUEST,
                    error("Give both namespace and name, or none of them for all Ambassadors."));
            return;
        }
        sources.find()
                .apply(namespace, name)
                .ifPresentOrElse(
                        ambassador -> answer(
                                request,
                                HttpURLConnection.HTTP_OK,
                                bytes(TopologyDocument.detail(
                                        ambassador,
                                        sources.retargets().apply(ambassador),
                                        sources.topology(),
                                        sources.clock().instant()))),
                        () -> answer(
                                request,
                                HttpURLConnection.HTTP_NOT_FOUND,
                                error("There is no Ambassador of this namespace and name.")));
    }

    private synchronized Buffer overview() {
        Instant now = sources.clock().instant();
        if (made == null || !made.at().plus(FRESH).isAfter(now)) {
            made = new Made(
                    bytes(TopologyDocument.overview(
                            sources.known().get(),
                            sources.version(),
                            sources.leads().getAsBoolean(),
                            now)),
                    now);
        }
        return made.overview();
    }

    private Buffer error(String sentence) {
        return bytes(Map.of("error", sentence));
    }

    private Buffer bytes(Object document) {
        try {
            return Buffer.buffer(json.writeValueAsBytes(document));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of texts and numbers is JSON", e);
        }
    }

    private static void answer(RoutingContext request, int status, Buffer document) {
        headers(request.response(), "application/json").setStatusCode(status).end(document);
    }

    private static Handler<RoutingContext> file(String name, String type) {
        Buffer content;
        try (InputStream file = TopologyRoutes.class.getResourceAsStream("/topology/" + name)) {
            content = Buffer.buffer(file.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return request -> {
            if (isAddressed(request)) {
                headers(request.response(), type).end(content);
            }
        };
    }

    private static void guard(RoutingContext request) {
        if (isAddressed(request)) {
            request.next();
        }
    }

    /** Otherwise it has been answered. */
    private static boolean isAddressed(RoutingContext request) {
        if (HOST.matcher(String.valueOf(request.request().authority())).matches()) {
            return true;
        }
        headers(request.response(), "text/plain; charset=utf-8")
                .setStatusCode(HttpURLConnection.HTTP_FORBIDDEN)
                .end("Use an IP address or localhost as the host, as with kubectl port-forward.\n");
        return false;
    }

    private static HttpServerResponse headers(HttpServerResponse response, String type) {
        return response.putHeader("Content-Type", type)
                .putHeader("Content-Security-Policy", SECURITY_POLICY)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Cache-Control", "no-store");
    }
}
