package link.ambassador.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A real API server behind a proxy that answers some requests itself, as an overloaded or broken API server would, and that cuts
 * watches. It forwards requests with the client certificate of the configuration, or with the token of each request.
 */
final class FaultyApiServer implements AutoCloseable {
    private static final Set<String> HOP_BY_HOP = Set.of("host", "content-length", "transfer-encoding");

    /** In place of a status: the connection was broken. */
    private static final int CUT = 0;

    /** A request that came, and what became of it. */
    record Seen(Instant at, HttpMethod method, String path, int status) {}

    private final Vertx vertx = Vertx.vertx();
    private final Config account;
    private final URI target;
    private final HttpClient client;
    private final HttpServer server;
    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final Map<NetSocket, String> watches = new ConcurrentHashMap<>();

    private FaultyApiServer(Config account) throws IOException {
        this.account = account;
        this.target = URI.create(account.getMasterUrl());
        HttpClientOptions options = new HttpClientOptions()
                .setMaxPoolSize(100)
                .setSsl(true)
                .setVerifyHost(false)
                .setTrustOptions(
                        new PemTrustOptions().addCertValue(pem(account.getCaCertFile(), account.getCaCertData())));
        if (account.getOauthToken() == null) {
            options.setKeyCertOptions(new PemKeyCertOptions()
                    .addCertValue(pem(account.getClientCertFile(), account.getClientCertData()))
                    .addKeyValue(pem(account.getClientKeyFile(), account.getClientKeyData())));
        }
        this.client = vertx.createHttpClient(options);
        this.server = vertx.createHttpServer(
                        new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                .requestHandler(this::handle);
    }

    static FaultyApiServer before(Config account) throws IOException {
        FaultyApiServer faulty = new FaultyApiServer(account);
        faulty.server.listen().toCompletionStage().toCompletableFuture().join();
        return faulty;
    }

    private static Buffer pem(String file, String data) throws IOException {
        return Buffer.buffer(file == null ? Base64.getDecoder().decode(data) : Files.readAllBytes(Path.of(file)));
    }

    /** How an operator reaches it. */
    Config config() {
        return new ConfigBuilder()
                .withAutoConfigure(false)
                .withMasterUrl("http://127.0.0.1:" + server.actualPort())
                .withNamespace(account.getNamespace())
                .withOauthToken(account.getOauthToken())
                .build();
    }

    /** Answers the next {@code times} requests of this kind itself. */
    void answer(int times, int status, Map<String, String> headers, Predicate<HttpServerRequest> kind) {
        faults.add(new Fault(times, status, headers, kind));
    }

    /** Breaks the connection of the next {@code times} requests of this kind. */
    void cut(int times, Predicate<HttpServerRequest> kind) {
        answer(times, CUT, Map.of(), kind);
    }

    /** From now on every request is let through. */
    void heal() {
        faults.clear();
    }

    /** The kinds that are watched, one for each open watch: {@code pods}, … */
    List<String> watches() {
        return watches.values().stream()
                .map(path -> path.substring(path.lastIndexOf('/') + 1))
                .toList();
    }

    /** Breaks the connection of every watch. */
    void cutWatches() {
        watches.keySet().forEach(NetSocket::close);
    }

    /** Those whose path ends so. */
    List<Seen> seen(HttpMethod method, String pathEnd) {
        return seen.stream()
                .filter(request ->
                        request.method().equals(method) && request.path().endsWith(pathEnd))
                .toList();
    }

    private void handle(HttpServerRequest request) {
        for (Fault fault : faults) {
            if (fault.takes(request)) {
                note(request, fault.status);
                if (fault.status == CUT) {
                    request.connection().close();
                    return;
                }
                request.body().onComplete(body -> {
                    fault.headers.forEach(request.response()::putHeader);
                    request.response().setStatusCode(fault.status).end();
                });
                return;
            }
        }
        boolean upgrade = request.headers().contains("Upgrade");
        Future<Buffer> body = upgrade ? Future.succeededFuture(Buffer.buffer()) : request.body();
        if (upgrade) {
            request.pause();
        }
        body.compose(bytes ->
                        client.request(options(request)).compose(out -> upgrade ? out.connect() : send(out, bytes)))
                .onSuccess(in -> {
                    note(request, in.statusCode());
                    if (upgrade && in.statusCode() == 101) {
                        tunnel(request, in);
                    } else {
                        copy(in, request);
                    }
                })
                .onFailure(failure -> request.connection().close());
    }

    private void note(HttpServerRequest request, int status) {
        seen.add(new Seen(Instant.now(), request.method(), request.path(), status));
    }

    private static Future<HttpClientResponse> send(HttpClientRequest out, Buffer body) {
        return body.length() == 0 ? out.send() : out.send(body);
    }

    private RequestOptions options(HttpServerRequest request) {
        RequestOptions options = new RequestOptions()
                .setMethod(request.method())
                .setHost(target.getHost())
                .setPort(target.getPort())
                .setURI(request.uri());
        request.headers().forEach(header -> {
            if (!HOP_BY_HOP.contains(header.getKey().toLowerCase(java.util.Locale.ROOT))) {
                options.addHeader(header.getKey(), header.getValue());
            }
        });
        return options;
    }

    private static void copy(HttpClientResponse in, HttpServerRequest request) {
        request.response().setStatusCode(in.statusCode()).setChunked(true);
        headers(in).forEach(request.response()::putHeader);
        in.pipeTo(request.response());
    }

    private static Map<String, List<String>> headers(HttpClientResponse in) {
        return in.headers().names().stream()
                .filter(name -> !HOP_BY_HOP.contains(name.toLowerCase(java.util.Locale.ROOT)))
                .collect(Collectors.toMap(name -> name, name -> in.headers().getAll(name)));
    }

    private void tunnel(HttpServerRequest request, HttpClientResponse in) {
        NetSocket up = in.netSocket();
        up.pause();
        headers(in).forEach(request.response()::putHeader);
        request.toNetSocket().onSuccess(down -> {
            watches.put(down, request.path());
            down.closeHandler(closed -> {
                watches.remove(down);
                up.close();
            });
            up.closeHandler(closed -> down.close());
            up.handler(down::write);
            down.handler(up::write);
            up.resume();
            down.resume();
        });
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static final class Fault {
        private final int status;
        private final Map<String, String> headers;
        private final Predicate<HttpServerRequest> kind;
        private int left;

        Fault(int times, int status, Map<String, String> headers, Predicate<HttpServerRequest> kind) {
            this.left = times;
            this.status = status;
            this.headers = headers;
            this.kind = kind;
        }

        synchronized boolean takes(HttpServerRequest request) {
            return left > 0 && kind.test(request) && left-- > 0;
        }
    }
}
