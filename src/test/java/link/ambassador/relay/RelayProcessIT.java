package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The relay as users run it, on every JDK of this machine, between real programs and a real Redis. */
@ParameterizedClass(name = "{0}")
@MethodSource("link.ambassador.relay.Jdk#all")
class RelayProcessIT {
    private static final Duration PROMPTLY = Duration.ofSeconds(5);
    private static final Duration TO_FAIL = Duration.ofSeconds(30);

    private static RealRedis redis;

    @Parameter
    Jdk jdk;

    private final int port = LoopbackPort.free();
    private final int otherPort = LoopbackPort.free();

    @BeforeAll
    static void startRedis() throws IOException, InterruptedException {
        redis = RealRedis.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Test
    void withoutARoleALinkVariableMakesItARelayUntilSigterm() throws Exception {
        try (JavaRelay relay =
                JavaRelay.start(jdk, Map.of(variable(port), toRedis())).started()) {
            assertThat(ping(relay, port)).isEqualTo("PONG");
            assertThat(relay.terminate(PROMPTLY)).isZero();
            assertThat(relay.stderr()).isEmpty();
        }
    }

    @Test
    void theRoleCanBeTheArgument() throws Exception {
        try (JavaRelay relay =
                JavaRelay.start(jdk, Map.of(variable(port), toRedis()), "relay").started()) {
            assertThat(ping(relay, port)).isEqualTo("PONG");
            assertThat(relay.terminate(PROMPTLY)).isZero();
            assertThat(relay.stderr()).isEmpty();
        }
    }

    @Test
    void withoutAGracePeriodItStillShutsDownInOrder() throws Exception {
        Map<String, String> environment = Map.of(variable(port), toRedis(), "AMBASSADOR_GRACE_PERIOD", "0");
        try (JavaRelay relay = JavaRelay.start(jdk, environment).started()) {
            assertThat(relay.terminate(PROMPTLY)).isZero();
            assertThat(relay.stderr()).isEmpty();
        }
    }

    @Test
    void sigtermSucceedsWithinTheGracePeriodWithAnOpenConnection() throws Exception {
        Map<String, String> environment = Map.of(variable(port), toRedis(), "AMBASSADOR_GRACE_PERIOD", "4s");
        try (JavaRelay relay = JavaRelay.start(jdk, environment).started();
                RedisClient client = relay.connect(port)) {
            assertThat(client.call("PING")).isEqualTo("PONG");
            client.send("BLPOP", "never", "0");

            assertThat(relay.terminate(PROMPTLY)).isZero();
            assertThat(relay.stderr()).isEmpty();
        }
    }

    /** The example of the original: docker run --link redis:redis, then -e REDIS_PORT_6379_TCP on the other host. */
    @Test
    void theTwoHostExampleOfTheOriginalAnswersPong() throws Exception {
        String redisHost = "127.17.0.2";
        String serverHost = "127.168.1.52";
        String clientHost = "127.168.1.53";
        // The variables of docker run --link redis:redis, and of docker run -e REDIS_PORT_6379_TCP.
        Map<String, String> server = new TreeMap<>(Map.of(
                "REDIS_NAME",
                "/redis_ambassador/redis",
                "REDIS_PORT",
                "tcp://" + redisHost + ":6379",
                "REDIS_PORT_6379_TCP",
                "tcp://" + redisHost + ":6379",
                "REDIS_PORT_6379_TCP_ADDR",
                redisHost,
                "REDIS_PORT_6379_TCP_PORT",
                "6379",
                "REDIS_PORT_6379_TCP_PROTO",
                "tcp"));
        server.put("AMBASSADOR_LISTEN_HOST", serverHost);
        server.put("AMBASSADOR_ADMIN_HOST", serverHost);
        Map<String, String> client = Map.of(
                "REDIS_PORT_6379_TCP", "tcp://" + serverHost + ":6379",
                "AMBASSADOR_LISTEN_HOST", clientHost,
                "AMBASSADOR_ADMIN_HOST", clientHost);

        try (RealRedis original = RealRedis.start(redisHost, 6379);
                JavaRelay besideRedis = JavaRelay.start(jdk, server).started();
                JavaRelay besideConsumer = JavaRelay.start(jdk, client).started()) {
            assertThat(original.port()).isEqualTo(6379);
            assertThat(redisCli(clientHost, "ping")).isEqualTo("PONG\n");
            assertThat(besideConsumer.terminate(PROMPTLY)).isZero();
            assertThat(besideRedis.terminate(PROMPTLY)).isZero();
        }
    }

    @Test
    void twoLinksOfOneAliasAreTwoLinks() throws Exception {
        try (RealRedis other = RealRedis.start();
                JavaRelay relay = JavaRelay.start(
                                jdk,
                                Map.of(
                                        variable(port),
                                        toRedis(),
                                        variable(otherPort),
                                        "tcp://127.0.0.1:" + other.port()))
                        .started()) {
            assertThat(ask(relay, port, "CONFIG", "GET", "port")).isEqualTo(List.of("port", "" + redis.port()));
            assertThat(ask(relay, otherPort, "CONFIG", "GET", "port")).isEqualTo(List.of("port", "" + other.port()));
            assertThat(relay.links().values())
                    .extracting(link -> link.getString("alias"))
                    .containsExactly("redis", "redis");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://host",
                "tcp://127.0.0.1:70000",
                "udp://127.0.0.1:6379",
                "127.0.0.1:6379",
                "tcp://127.0.0.1:6379\nanother line"
            })
    void aMalformedVariableIsRefusedByName(String value) throws Exception {
        assertCannotStart("REDIS_PORT_6379_TCP", Map.of("REDIS_PORT_6379_TCP", value));
    }

    @ParameterizedTest
    @CsvSource({
        "AMBASSADOR_LISTEN_HOST, nowhere",
        "AMBASSADOR_LISTEN_HOST, 'no\nwhere'",
        "AMBASSADOR_ADMIN_HOST, 1.2.3",
        "AMBASSADOR_ADMIN_HOST, 203.0.113.9",
        "AMBASSADOR_ADMIN_PORT, 70000",
        "AMBASSADOR_GRACE_PERIOD, soon",
        "AMBASSADOR_ROLE, 're\nlay'"
    })
    void anInvalidSettingIsRefusedByName(String setting, String value) throws Exception {
        assertCannotStart(setting, Map.of("REDIS_PORT_6379_TCP", toRedis(), setting, value));
    }

    @Test
    void withoutALinkItSaysHowToSetOne() throws Exception {
        assertCannotStart("<ALIAS>_PORT_<port>_TCP", Map.of(), "relay");
        assertCannotStart("REDIS_PORT_6379_TCP", Map.of());
    }

    @Test
    void whatTheKubeletAddsIsNoLink() throws Exception {
        Map<String, String> kubelet = Map.of(
                "KUBERNETES_SERVICE_HOST", "10.96.0.1",
                "KUBERNETES_PORT_443_TCP", "tcp://10.96.0.1:443",
                "CACHE_SERVICE_HOST", "10.96.0.7",
                "CACHE_PORT_6379_TCP", "tcp://10.96.0.7:6379");
        assertCannotStart("REDIS_PORT_6379_TCP", kubelet);

        Map<String, String> withLink = new TreeMap<>(kubelet);
        withLink.put(variable(port), toRedis());
        try (JavaRelay relay = JavaRelay.start(jdk, withLink).started()) {
            assertThat(relay.links()).containsOnlyKeys(port);
            assertThat(ping(relay, port)).isEqualTo("PONG");
        }
    }

    @Test
    void aLinkOnTheAdminPortIsRefused() throws Exception {
        assertCannotStart(
                "AMBASSADOR_ADMIN_PORT", Map.of(variable(port), toRedis(), "AMBASSADOR_ADMIN_PORT", "" + port));
    }

    @Test
    void anAdminPortThatIsTakenIsRefused() throws Exception {
        try (ServerSocket taken = listen(otherPort)) {
            assertCannotStart(
                    "AMBASSADOR_ADMIN_PORT",
                    Map.of(variable(port), toRedis(), "AMBASSADOR_ADMIN_PORT", "" + taken.getLocalPort()));
        }
    }

    @Test
    void aLinkWhosePortIsTakenWaitsForItWhileTheOtherServes() throws Exception {
        Map<String, String> environment = Map.of(variable(port), toRedis(), variable(otherPort), toRedis());
        ServerSocket taken = listen(otherPort);
        try (JavaRelay relay = JavaRelay.start(jdk, environment)
                .expecting(" WARN cannot listen on 127\\.0\\.0\\.1:" + otherPort + ": .*Address already in use")
                .started()) {
            assertThat(ping(relay, port)).isEqualTo("PONG");
            assertThat(relay.links().get(port).getString("state")).isEqualTo("listening");
            JsonObject waiting = relay.links().get(otherPort);
            assertThat(waiting.getString("state")).isEqualTo("error");
            assertThat(waiting.getJsonArray("listeners").getJsonObject(0).getString("error"))
                    .contains("127.0.0.1:" + otherPort, "Address already in use");
            assertThat(relay.ask("GET", "/readyz").statusCode()).isEqualTo(503);

            taken.close();

            await().atMost(PROMPTLY)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> relay.ask("GET", "/readyz").statusCode() == 200);
            assertThat(ping(relay, otherPort)).isEqualTo("PONG");
            assertThat(relay.links().get(otherPort).getString("state")).isEqualTo("listening");
            assertThat(relay.stderr()).isEmpty();
        } finally {
            taken.close();
        }
    }

    @Test
    void theAdminPortAnswersAndIsReadOnly() throws Exception {
        try (JavaRelay relay =
                JavaRelay.start(jdk, Map.of(variable(port), toRedis())).started()) {
            for (String path : List.of("/livez", "/startz", "/readyz", "/links", "/metrics")) {
                assertThat(relay.ask("GET", path).statusCode())
                        .as("GET %s", path)
                        .isEqualTo(200);
                assertThat(relay.ask("HEAD", path).statusCode())
                        .as("HEAD %s", path)
                        .isEqualTo(200);
                assertThat(relay.ask("POST", path).statusCode())
                        .as("POST %s", path)
                        .isEqualTo(405);
            }
            assertThat(relay.ask("GET", "/").statusCode()).isEqualTo(404);
            assertThat(relay.links()
                            .get(port)
                            .getJsonArray("targets")
                            .getJsonObject(0)
                            .getInteger("port"))
                    .isEqualTo(redis.port());
            assertThat(relay.ask("GET", "/metrics").body()).contains("# TYPE ").contains("\"redis\"");
            assertThat(relay.stderr()).isEmpty();
        }
    }

    @Test
    void withoutEpollItServesAndWarnsOfTheReason(@TempDir Path directory) throws Exception {
        Path nowhere = Files.createFile(directory.resolve("file")).resolve("folder");
        Path java = Files.createDirectory(directory.resolve("bin")).resolve("java");
        Files.createFile(java, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(
                java, "#!/bin/sh\nexec '" + jdk.java() + "' -Dio.netty.native.workdir=" + nowhere + " \"$@\"\n");
        try (JavaRelay relay = JavaRelay.start(new Jdk(directory), Map.of(variable(port), toRedis()))
                .expecting(" WARN epoll is not available, using NIO")
                .started()) {
            assertThat(ping(relay, port)).isEqualTo("PONG");
            assertThat(relay.stdout().lines().filter(line -> line.contains(" WARN ")))
                    .singleElement()
                    .asString()
                    .contains(" epoll is not available, using NIO", nowhere.toString());
            assertThat(relay.stderr()).isEmpty();
        }
    }

    private void assertCannotStart(String named, Map<String, String> environment, String... arguments)
            throws Exception {
        try (JavaRelay relay = JavaRelay.start(jdk, environment, arguments).expecting(Pattern.quote(named))) {
            assertThat(relay.status(TO_FAIL)).as("status; %s", relay).isEqualTo(1);
            assertThat(relay.stderr()).singleElement().asString().contains(named);
        }
    }

    private static ServerSocket listen(int port) throws IOException {
        return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
    }

    private static String variable(int port) {
        return "REDIS_PORT_" + port + "_TCP";
    }

    private static String toRedis() {
        return "tcp://127.0.0.1:" + redis.port();
    }

    private static Object ping(JavaRelay relay, int port) throws IOException {
        return ask(relay, port, "PING");
    }

    private static Object ask(JavaRelay relay, int port, String... words) throws IOException {
        try (RedisClient client = relay.connect(port)) {
            return client.call(words);
        }
    }

    private static String redisCli(String host, String command) throws IOException, InterruptedException {
        Process cli = new ProcessBuilder("redis-cli", "-h", host, "-p", "6379", command)
                .redirectErrorStream(true)
                .start();
        String answer = new String(cli.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        cli.waitFor();
        return answer;
    }
}
