package link.ambassador.relay.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import link.ambassador.relay.Relay;
import link.ambassador.relay.Settings;
import link.ambassador.relay.TestRelay;
import link.ambassador.relay.WatchedRelay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Neighbours that misuse the admin port, and the responses that a kubelet gets meanwhile. */
final class AdminServerTest {
    private static final String LIVEZ = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

    private final InetSocketAddress address = TestRelay.freeAddress();
    private Relay relay;

    @BeforeEach
    void start() {
        relay = WatchedRelay.start(Settings.read(
                Map.of("AMBASSADOR_ADMIN_HOST", "127.0.0.1", "AMBASSADOR_ADMIN_PORT", "" + address.getPort())));
        TestRelay.await(new AdminServer(relay, "test").start());
    }

    /** The response to the last request shows that all before it were accepted, so the close leaves no backlog. */
    @AfterEach
    void stop() throws IOException {
        assertThat(ask(LIVEZ)).startsWith("HTTP/1.1 200 OK");
        relay.close();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 16", "127.0.0.1, 40", "127.0.0.1, 400", "127.0.0.2, 400"})
    void idleClientsThatReconnectDoNotBlockAProbe(String from, int clients) throws Exception {
        try (IdleClients idle = new IdleClients(from, clients)) {
            for (int probe = 0; probe < 20; probe++) {
                assertThat(ask(LIVEZ)).startsWith("HTTP/1.1 200 OK");
            }
            // After a while they all get a place, here all at once. The kubelet polls again, too.
            await().until(() -> idle.connects.get() > clients);
            await().ignoreException(SocketException.class)
                    .until(() -> ask(LIVEZ).startsWith("HTTP/1.1 200 OK"));
        }
    }

    @Test
    void theConnectionThatIsIdleLongestMakesRoom() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < AdminConnections.MAX; i++) {
                Socket socket = new Socket(address.getAddress(), address.getPort());
                socket.getOutputStream().write(LIVEZ.charAt(0));
                idle.add(socket);
            }

            assertThat(ask(LIVEZ)).startsWith("HTTP/1.1 200 OK");

            assertThat(isEnded(idle.get(0))).isTrue();
            idle.get(1).getOutputStream().write(LIVEZ.substring(1).getBytes(StandardCharsets.US_ASCII));
            assertThat(rest(idle.get(1))).startsWith("HTTP/1.1 200 OK");
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void aConnectionIsClosedAfterItsFirstResponse() throws Exception {
        assertThat(ask(LIVEZ + LIVEZ))
                .containsIgnoringCase("\r\nconnection: close\r\n")
                .containsOnlyOnce("HTTP/1.1 ")
                .endsWith("ok\n");
    }

    @Test
    void aHeaderThatComesByteByByteIsCut() throws Exception {
        try (Socket slow = new Socket(address.getAddress(), address.getPort())) {
            slow.setSoTimeout(500);
            slow.getOutputStream().write("GET /livez HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));
            await().ignoreException(SocketTimeoutException.class).until(() -> {
                slow.getOutputStream().write('x');
                return isEnded(slow);
            });
        }
    }

    @Test
    void aBodyIsReadUpToALimit() throws Exception {
        try (Socket loud = new Socket(address.getAddress(), address.getPort())) {
            loud.getOutputStream()
                    .write("POST /livez HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] body = new byte[64 * 1024];
            await().pollInterval(Duration.ofMillis(1)).until(() -> {
                try {
                    loud.getOutputStream().write(body);
                    return false;
                } catch (SocketException cut) {
                    return true;
                }
            });
        }
    }

    @Test
    void aRequestWithABodyGetsAResponse() throws Exception {
        assertThat(ask("POST /livez HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"))
                .startsWith("HTTP/1.1 405 ");
    }

    @Test
    void http2IsNotSupported() throws Exception {
        assertThat(ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).doesNotContain("200");
        String upgrade = String.join(
                "\r\n",
                "GET /livez HTTP/1.1",
                "Host: x",
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: h2c",
                "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
                "",
                "");
        assertThat(ask(upgrade)).startsWith("HTTP/1.1 200 OK");
    }

    /** The whole response until the end of the connection. */
    private String ask(String request) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return rest(socket);
        }
    }

    private static String rest(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    private static boolean isEnded(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }

    /** Clients that connect, send nothing, and connect again as soon as they are closed. */
    private final class IdleClients implements AutoCloseable {
        private final AtomicLong connects = new AtomicLong();
        private final InetAddress from;
        private final List<SocketChannel> channels = new ArrayList<>();
        private final Thread thread = new Thread(this::comeBack, "idle-clients");
        private volatile boolean isClosed;

        IdleClients(String from, int count) throws IOException {
            this.from = InetAddress.getByName(from);
            for (int i = 0; i < count; i++) {
                channels.add(connected());
            }
            thread.start();
        }

        private SocketChannel connected() throws IOException {
            SocketChannel channel = SocketChannel.open().bind(new InetSocketAddress(from, 0));
            channel.connect(address);
            channel.configureBlocking(false);
            connects.incrementAndGet();
            return channel;
        }

        private void comeBack() {
            try {
                comeBackUntilClosed();
            } finally {
                channels.forEach(IdleClients::close);
            }
        }

        private void comeBackUntilClosed() {
            while (!isClosed) {
                for (int i = 0; i < channels.size() && !isClosed; i++) {
                    try {
                        if (isEnded(channels.get(i))) {
                            close(channels.get(i));
                            channels.set(i, connected());
                        }
                    } catch (IOException e) {
                        // The next turn connects it again.
                    }
                }
                LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            }
        }

        private static boolean isEnded(SocketChannel channel) {
            try {
                return channel.read(ByteBuffer.allocate(1)) != 0;
            } catch (IOException reset) {
                return true;
            }
        }

        private static void close(SocketChannel channel) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            isClosed = true;
            await().until(() -> !thread.isAlive());
        }
    }
}
