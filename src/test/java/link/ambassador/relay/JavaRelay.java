package link.ambassador.relay;

import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import link.ambassador.QuietOutput;

/**
 * The program that {@code ./mvnw package} built, as a process with no other environment than the test's. {@link #close}
 * fails if it printed a warning that the test does not expect.
 */
final class JavaRelay implements AutoCloseable {
    private static final String JAR = "target/quarkus-app/quarkus-run.jar";
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private final Process process;
    private final Path out;
    private final Path err;
    private final String host;
    private final int adminPort;
    private final QuietOutput output = new QuietOutput();

    private JavaRelay(Process process, Path out, Path err, String host, int adminPort) {
        this.process = process;
        this.out = out;
        this.err = err;
        this.host = host;
        this.adminPort = adminPort;
    }

    /** On 127.0.0.1 and a free admin port, unless {@code environment} says otherwise. */
    static JavaRelay start(Jdk jdk, Map<String, String> environment, String... arguments) throws IOException {
        Map<String, String> variables = new TreeMap<>(Map.of(
                "AMBASSADOR_LISTEN_HOST",
                "127.0.0.1",
                "AMBASSADOR_ADMIN_HOST",
                "127.0.0.1",
                "AMBASSADOR_ADMIN_PORT",
                Integer.toString(LoopbackPort.free())));
        variables.putAll(environment);
        Path out = Files.createTempFile("relay", ".out");
        Path err = Files.createTempFile("relay", ".err");
        List<String> command = new ArrayList<>(List.of(jdk.java(), "-jar", JAR));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(variables);
        return new JavaRelay(
                builder.start(),
                out,
                err,
                variables.get("AMBASSADOR_ADMIN_HOST"),
                Integer.parseInt(variables.get("AMBASSADOR_ADMIN_PORT")));
    }

    /** See {@link QuietOutput#expect}. */
    JavaRelay expecting(String regex) {
        output.expect(regex);
        return this;
    }

    /** Returns when each of its links was tried. */
    JavaRelay started() {
        await("a relay that started; " + this)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !process.isAlive() || startz() == 200);
        if (!process.isAlive()) {
            throw new IllegalStateException("the relay ended: " + this);
        }
        return this;
    }

    private int startz() throws InterruptedException {
        try {
            return ask("GET", "/startz").statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    HttpResponse<String> ask(String method, String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://" + host + ":" + adminPort + path))
                        .version(HttpClient.Version.HTTP_1_1)
                        .timeout(Duration.ofSeconds(5))
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    /** The links in {@code /links}, by listen port. */
    Map<Integer, JsonObject> links() throws IOException, InterruptedException {
        Map<Integer, JsonObject> links = new TreeMap<>();
        for (Object link : new JsonObject(ask("GET", "/links").body()).getJsonArray("links")) {
            links.put(((JsonObject) link).getInteger("listen"), (JsonObject) link);
        }
        return links;
    }

    RedisClient connect(int port) throws IOException {
        return new RedisClient(new InetSocketAddress(host, port));
    }

    long pid() {
        return process.pid();
    }

    /** The descriptor that the kernel would give to its next file. */
    int lowestFreeFileDescriptor() {
        Set<String> open = Set.of(
                Path.of("/proc", Long.toString(process.pid()), "fd").toFile().list());
        return IntStream.iterate(0, number -> number + 1)
                .filter(number -> !open.contains(Integer.toString(number)))
                .findFirst()
                .orElseThrow();
    }

    /** The CPU time that it has used. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** Sends SIGTERM. */
    void interrupt() {
        process.destroy();
    }

    /** Sends SIGTERM and returns the exit status. */
    int terminate(Duration maxTime) throws InterruptedException {
        process.destroy();
        return status(maxTime);
    }

    int status(Duration maxTime) throws InterruptedException {
        if (!process.waitFor(maxTime.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + maxTime + ": " + this);
        }
        return process.exitValue();
    }

    String stdout() throws IOException {
        return Files.readString(out);
    }

    List<String> stderr() throws IOException {
        return Files.readAllLines(err, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        try {
            return "stdout: " + Files.readString(out) + "\nstderr: " + Files.readString(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().orTimeout(5, TimeUnit.SECONDS).join();
        List<String> printed = stdout().lines().toList();
        List<String> errors = stderr();
        Files.delete(out);
        Files.delete(err);
        output.judge(printed, errors);
    }
}
