package link.ambassador.operator;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import link.ambassador.QuietOutput;
import link.ambassador.kubernetes.Kubeconfig;
import link.ambassador.relay.LoopbackPort;

/**
 * The result of {@code ./mvnw package} in its operator role: a process with no other settings than those of the test, and
 * that reaches the API server by a kubeconfig of its own. It prints no warning but those that the test expects: {@link #close}
 * fails otherwise.
 */
public final class JavaOperator implements AutoCloseable {
    private static final String JAR = "target/quarkus-app/quarkus-run.jar";
    private static final Duration TO_START = Duration.ofSeconds(60);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    private final Process process;
    private final Path directory;
    private final int adminPort;
    private final QuietOutput output = new QuietOutput();

    private JavaOperator(Process process, Path directory, int adminPort) {
        this.process = process;
        this.directory = directory;
        this.adminPort = adminPort;
    }

    /**
     * Starts one that acts as who {@code account} is: a client certificate or a token, in the namespace that it names. It
     * leads without an election and has a relay image that is never pulled, unless {@code environment} says otherwise.
     */
    public static JavaOperator start(Config account, Map<String, String> environment) throws IOException {
        return start(
                account,
                environment,
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
    }

    /** The same by another JVM: {@code java} is its program and its flags. */
    static JavaOperator start(Config account, Map<String, String> environment, List<String> java) throws IOException {
        Path directory = Files.createTempDirectory("operator");
        Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), Kubeconfig.of(account));
        Map<String, String> told = new TreeMap<>(Map.of(
                "KUBECONFIG",
                kubeconfig.toString(),
                "AMBASSADOR_RELAY_IMAGE",
                "example.com/ambassador:test",
                "AMBASSADOR_LEADER_ELECTION",
                "false",
                "AMBASSADOR_ADMIN_PORT",
                Integer.toString(LoopbackPort.free()),
                "AMBASSADOR_WEBHOOK_PORT",
                Integer.toString(LoopbackPort.free())));
        told.putAll(environment);
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of("-jar", JAR, "operator"));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile());
        builder.environment().clear();
        builder.environment().putAll(told);
        return new JavaOperator(builder.start(), directory, Integer.parseInt(told.get("AMBASSADOR_ADMIN_PORT")));
    }

    /** See {@link QuietOutput#expect}. */
    public JavaOperator expecting(String regex) {
        output.expect(regex);
        return this;
    }

    /** See {@link QuietOutput#allow}. */
    public JavaOperator allowing(String regex) {
        output.allow(regex);
        return this;
    }

    /** Its caches are filled when this returns; it need not lead. */
    public JavaOperator started() {
        await("an operator that started; " + this)
                .atMost(TO_START)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> !process.isAlive() || status("/readyz") == 200);
        if (!process.isAlive()) {
            throw new IllegalStateException("the operator ended: " + this);
        }
        return this;
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    int adminPort() {
        return adminPort;
    }

    private int status(String path) throws InterruptedException {
        try {
            return ask(path).statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    public HttpResponse<String> ask(String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
                        .timeout(Duration.ofSeconds(5))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Whether its metrics say that it is the one that reconciles. */
    public boolean leads() throws IOException, InterruptedException {
        return ask("/metrics").body().lines().anyMatch("ambassador_operator_leading 1.0"::equals);
    }

    /** Sends SIGKILL. */
    public void kill() {
        process.destroyForcibly();
    }

    /** Sends SIGTERM and returns the exit status. */
    public int terminate(Duration atMost) throws InterruptedException {
        process.destroy();
        return status(atMost);
    }

    public int status(Duration atMost) throws InterruptedException {
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still running after " + atMost + ": " + this);
        }
        return process.exitValue();
    }

    /** Its standard output so far: the log. */
    public List<String> log() throws IOException {
        return Files.readAllLines(directory.resolve("out"), StandardCharsets.UTF_8);
    }

    public List<String> stderr() throws IOException {
        return Files.readAllLines(directory.resolve("err"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        try {
            return "stdout: " + String.join("\n", log()) + "\nstderr: " + String.join("\n", stderr());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().orTimeout(5, TimeUnit.SECONDS).join();
        List<String> printed = log();
        List<String> complained = stderr();
        for (String file : List.of("kubeconfig", "out", "err")) {
            Files.delete(directory.resolve(file));
        }
        Files.delete(directory);
        output.judge(printed, complained);
    }
}
