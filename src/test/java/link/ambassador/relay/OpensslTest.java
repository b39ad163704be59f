package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.Trust;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.tls.TestAuthority;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * openssl is the relay's peer, on either side, and what stands in between harms some of the connections. A harmed one ends by a reset,
 * with no wrong byte before; one that is not harmed is served whole; the relay goes on, with nothing left behind. The long form:
 * {@code ./mvnw test -Dtest=OpensslTest -DargLine="-Dfuzz.connections=20000 -Dfuzz.seed=7"}, for an hour and a half.
 */
final class OpensslTest {
    private static final int CONNECTIONS = Integer.getInteger("fuzz.connections", 20);
    private static final long SEED = Long.getLong("fuzz.seed", 1);

    /** For a connection whose harm makes one side wait for bytes that never come. */
    private static final int PATIENCE_MILLIS = 500;

    private static final String NAME = "peer.example.com";

    private final TestAuthority authority = new TestAuthority("a");

    @TempDir
    private Path directory;

    @BeforeEach
    void certificates() throws IOException {
        authority.leaf(NAME).write(directory.resolve("peer"));
        Files.writeString(
                directory.resolve("ca.crt"),
                ((Trust.Bundles) authority.trust()).bundles().get(0).pem());
    }

    private List<String> openssl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        command.addAll(List.of(
                "-cert", directory.resolve("peer/tls.crt").toString(),
                "-key", directory.resolve("peer/tls.key").toString(),
                "-CAfile", directory.resolve("ca.crt").toString()));
        return command;
    }

    private Map<String, String> variables() {
        return Map.of("AMBASSADOR_TLS_DIRECTORY", directory.toString());
    }

    /** What a server that reverses lines sends for the line of a connection. */
    private static String reversed(String line) {
        return new StringBuilder(line).reverse().toString();
    }

    private static String line(int connection) {
        return "line " + connection + " " + "abcdefghij".repeat(connection % 40);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void harmedRecordsOfATargetEndTheirConnectionOnly(String version) throws Exception {
        int port = LoopbackPort.free();
        Process server = new ProcessBuilder(
                        openssl("s_server", "-quiet", "-rev", "-Verify", "1", "-accept", "127.0.0.1:" + port, version))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        InetSocketAddress target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (MutatingProxy proxy = new MutatingProxy(target, SEED)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> accepts(target));
            try (TestRelay relay =
                    TestRelay.start(variables(), TestRelay.freeAddress(), proxy.address(), link -> link.toBuilder()
                            .upstreamTls(Optional.of(new UpstreamTls(
                                    authority.trust(),
                                    Optional.of(NAME),
                                    List.of(),
                                    Optional.of("peer"),
                                    UpstreamTls.DEFAULT_NEGOTIATION,
                                    UpstreamTls.DEFAULT_MIN_VERSION)))
                            .build())) {
                int whole = 0;
                for (int i = 0; i < CONNECTIONS; i++) {
                    String received = ask(relay.address, line(i) + "\n", reversed(line(i)) + "\n", proxy);
                    whole += check(i, received, reversed(line(i)) + "\n", proxy.harmed());
                }
                assertNothingIsLeft(relay, whole);
            }
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    private TestRelay relay(ServerSocket upstream) {
        return TestRelay.start(
                variables(),
                TestRelay.freeAddress(),
                (InetSocketAddress) upstream.getLocalSocketAddress(),
                link -> link.toBuilder()
                        .downstreamTls(Optional.of(new DownstreamTls(
                                "peer",
                                Optional.of(authority.trust()),
                                List.of(),
                                DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT)))
                        .build());
    }

    private ProcessBuilder client(InetSocketAddress address, String... more) {
        List<String> command = openssl(
                "s_client", "-verify_return_error", "-servername", NAME, "-connect", "127.0.0.1:" + address.getPort());
        command.addAll(List.of(more));
        return new ProcessBuilder(command);
    }

    /** A client may ask for new keys at any time (RFC 8446, section 4.6.3); openssl does when its user types a K. */
    @Test
    void newKeysInTheMiddleOfAConnectionAreTaken() throws Exception {
        try (ServerSocket upstream = reversing(Integer.MAX_VALUE);
                TestRelay relay = relay(upstream)) {
            Process client =
                    client(relay.address, "-tls1_3").redirectErrorStream(true).start();
            // Else a test that fails waits for its next line.
            CompletableFuture.delayedExecutor(1, TimeUnit.MINUTES).execute(client::destroyForcibly);
            try {
                Writer in = client.outputWriter(US_ASCII);
                BufferedReader out = client.inputReader(US_ASCII);
                for (int i = 0; i < 10; i++) {
                    in.append(line(i)).append('\n').flush();
                    assertComes(reversed(line(i)), out);
                    in.append("K\n").flush();
                    assertComes("KEYUPDATE", out);
                }
            } finally {
                client.destroyForcibly().waitFor();
            }
        }
    }

    /** Openssl also tells of the handshake, and of its certificates. */
    private static void assertComes(String expected, BufferedReader output) throws IOException {
        String line = output.readLine();
        while (line != null && !line.equals(expected)) {
            line = output.readLine();
        }
        assertThat(line).as("a line of openssl").isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void harmedRecordsOfADownstreamEndTheirConnectionOnly(String version) throws Exception {
        try (ServerSocket upstream = reversing(1);
                TestRelay relay = relay(upstream);
                MutatingProxy proxy = new MutatingProxy(relay.address, SEED)) {
            Path output = directory.resolve("output");
            int whole = 0;
            for (int i = 0; i < CONNECTIONS; i++) {
                Process client = client(proxy.address(), "-quiet", version)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .redirectOutput(output.toFile())
                        .start();
                write(client, line(i) + "\n");
                // Its end comes behind the answer, unless a side waits for bytes that never come.
                if (!client.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS) && !proxy.harmed()) {
                    client.waitFor(30, TimeUnit.SECONDS);
                }
                client.destroyForcibly().waitFor();
                String received = Files.readString(output, US_ASCII);
                whole += check(i, received, reversed(line(i)) + "\n", proxy.harmed());
            }
            assertNothingIsLeft(relay, whole);
        }
    }

    /** Returns 1 for a connection that was served whole. */
    private static int check(int connection, String received, String expected, boolean harmed) {
        String what = "connection " + connection + " of seed " + SEED;
        if (!harmed) {
            assertThat(received).as(what).isEqualTo(expected);
        }
        assertThat(expected).as(what).startsWith(received);
        return received.equals(expected) ? 1 : 0;
    }

    private static void write(Process client, String text) {
        try (OutputStream in = client.getOutputStream()) {
            in.write(text.getBytes(US_ASCII));
        } catch (IOException ended) {
            // Its handshake has failed already.
        }
    }

    private static void assertNothingIsLeft(TestRelay relay, int whole) {
        System.out.println("openssl: " + whole + " of " + CONNECTIONS + " connections were served whole");
        assertThat(whole).as("connections that were served whole").isPositive();
        await().atMost(Duration.ofSeconds(30)).until(relay::open, open -> open == 0);
        await().until(relay::heldBytes, held -> held == 0);
        assertThat(relay.closed(CloseReason.INTERNAL_ERROR)).isZero();
    }

    private static boolean accepts(InetSocketAddress address) {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Reads until the answer is there, or a reset; or until a side waits for bytes that never come. */
    private static String ask(InetSocketAddress address, String line, String expected, MutatingProxy proxy)
            throws IOException {
        StringBuilder text = new StringBuilder();
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setSoLinger(true, 0);
            socket.getOutputStream().write(line.getBytes(US_ASCII));
            while (text.length() < expected.length()) {
                try {
                    int one = socket.getInputStream().read();
                    assertThat(one).as("a clean end after '%s'", text).isNotNegative();
                    text.append((char) one);
                } catch (SocketTimeoutException waits) {
                    if (proxy.harmed() || System.nanoTime() > endNanos) {
                        break;
                    }
                }
            }
        } catch (SocketException reset) {
            // As it must be if it is harmed.
        }
        return text.toString();
    }

    /** A server that sends so many lines of a connection back, reversed, and ends it then. */
    private static ServerSocket reversing(int lines) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(
                () -> {
                    try {
                        while (true) {
                            serve(server.accept(), lines);
                        }
                    } catch (IOException closed) {
                        // The end of the test.
                    }
                },
                "reversing");
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    private static void serve(Socket accepted, int lines) {
        try (Socket socket = accepted) {
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
            String line = in.readLine();
            for (int i = 0; i < lines && line != null; i++) {
                socket.getOutputStream().write((reversed(line) + "\n").getBytes(US_ASCII));
                line = i + 1 < lines ? in.readLine() : null;
            }
        } catch (IOException reset) {
            // The test sees it from the other side.
        }
    }
}
