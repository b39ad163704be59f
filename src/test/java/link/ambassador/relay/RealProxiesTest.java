package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import link.ambassador.config.Cidr;
import link.ambassador.config.DownstreamProxyProtocol;
import link.ambassador.config.Trust;
import link.ambassador.config.UpstreamProxyProtocol;
import link.ambassador.config.UpstreamProxyProtocol.Version;
import link.ambassador.relay.tls.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Debian's HAProxy and nginx, which read the relay's header, and whose header the relay reads. */
final class RealProxiesTest {
    private final InetSocketAddress reading = TestRelay.freeAddress();
    private final InetSocketAddress sending = TestRelay.freeAddress();

    @TempDir
    private Path directory;

    private Process process;
    private TestRelay relay;

    @BeforeAll
    static void install() throws Exception {
        int status = new ProcessBuilder(
                        "src/test/debian-packages",
                        "haproxy=haproxy",
                        "nginx=nginx",
                        "/usr/lib/nginx/modules/ngx_stream_module.so=libnginx-mod-stream")
                .inheritIO()
                .start()
                .waitFor();
        assertThat(status)
                .as("src/test/debian-packages says above how to get them")
                .isZero();
    }

    @AfterEach
    void close() throws InterruptedException {
        relay.close();
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    /** With a port that reads headers and shows what they say, and one that sends them to the relay. */
    private void haproxy(InetSocketAddress to, String bind, String server) throws IOException {
        run(
                "haproxy",
                "-db",
                "-f",
                file(
                        "haproxy.cfg",
                        """
                defaults
                  timeout connect 5s
                  timeout client 60s
                  timeout server 60s
                frontend reading
                  mode http
                  bind 127.0.0.1:%d accept-proxy
                  http-request return status 200 content-type text/plain lf-string "%%[src]:%%[src_port] %%[dst]:%%[dst_port]"
                listen sending
                  mode tcp
                  bind 127.0.0.1:%d %s
                  server relay 127.0.0.1:%d %s
                """
                                .formatted(reading.getPort(), sending.getPort(), bind, to.getPort(), server)));
    }

    private void nginx(InetSocketAddress to) throws IOException {
        run(
                "nginx",
                "-p",
                directory.toString(),
                "-e",
                "stderr",
                "-c",
                file(
                        "nginx.conf",
                        """
                load_module /usr/lib/nginx/modules/ngx_stream_module.so;
                daemon off;
                pid %1$s/nginx.pid;
                events {}
                http {
                  access_log off;
                  client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy; fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi; scgi_temp_path %1$s/scgi;
                  server {
                    listen 127.0.0.1:%2$d proxy_protocol;
                    return 200 "$proxy_protocol_addr:$proxy_protocol_port $proxy_protocol_server_addr:$proxy_protocol_server_port";
                  }
                }
                stream { server { listen 127.0.0.1:%3$d; proxy_pass 127.0.0.1:%4$d; proxy_protocol on; } }
                """
                                .formatted(directory, reading.getPort(), sending.getPort(), to.getPort())));
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private void run(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more);
        builder.redirectOutput(Redirect.to(directory.resolve("output").toFile()));
        process = builder.start();
        await(command[0]).atMost(Duration.ofSeconds(60)).until(() -> {
            assertThat(process.isAlive())
                    .as(() -> read(directory.resolve("output")))
                    .isTrue();
            try (Socket listening = new Socket(reading.getAddress(), reading.getPort())) {
                return listening.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static UpstreamProxyProtocol out(Version version) {
        return new UpstreamProxyProtocol(version, Set.of());
    }

    /** What the server says that it has read, behind a relay. */
    private void assertThatItReadsTheConsumersAddress(Version version) throws IOException {
        relay = TestRelay.start(Map.of(), TestRelay.freeAddress(), reading, link -> link.toBuilder()
                .upstreamProxyProtocol(Optional.of(out(version)))
                .build());
        try (Socket consumer = new Socket(relay.address.getAddress(), relay.address.getPort())) {
            consumer.setSoTimeout(30_000);
            consumer.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
            assertThat(new String(consumer.getInputStream().readAllBytes(), US_ASCII))
                    .endsWith("127.0.0.1:" + consumer.getLocalPort() + " 127.0.0.1:" + relay.address.getPort());
        }
    }

    @ParameterizedTest
    @EnumSource
    void haproxyReadsTheHeader(Version version) throws Exception {
        haproxy(TestRelay.freeAddress(), "", "send-proxy-v2");

        assertThatItReadsTheConsumersAddress(version);
    }

    @ParameterizedTest
    @EnumSource
    void nginxReadsTheHeader(Version version) throws Exception {
        nginx(TestRelay.freeAddress());

        assertThatItReadsTheConsumersAddress(version);
    }

    /** A relay that passes on what it reads. */
    private HeaderUpstream reader(InetSocketAddress address) throws IOException {
        DownstreamProxyProtocol in =
                new DownstreamProxyProtocol(List.of(Cidr.parse("127.0.0.0/8").orElseThrow()));
        relay = TestRelay.start(Map.of(), address, TestRelay.freeAddress(), link -> link.toBuilder()
                .downstreamProxyProtocol(Optional.of(in))
                .upstreamProxyProtocol(Optional.of(out(Version.V2)))
                .build());
        return new HeaderUpstream(relay.target);
    }

    private Socket consumer() throws IOException {
        Socket consumer = new Socket(sending.getAddress(), sending.getPort());
        consumer.setSoTimeout(30_000);
        return consumer;
    }

    private void assertThatItIsToldOf(Socket consumer, Socket target) throws IOException {
        consumer.getOutputStream().write("ping".getBytes(US_ASCII));
        assertThat(target.getInputStream().readNBytes(4)).isEqualTo("ping".getBytes(US_ASCII));
    }

    private String addresses(Socket consumer) {
        return "127.0.0.1:" + consumer.getLocalPort() + " 127.0.0.1:" + sending.getPort();
    }

    @Test
    void theHeaderOfNginxIsRead() throws Exception {
        InetSocketAddress between = TestRelay.freeAddress();
        nginx(between);
        try (HeaderUpstream upstream = reader(between);
                Socket consumer = consumer();
                Socket target = upstream.accept()) {
            assertThat(HeaderUpstream.header(target).addresses()).isEqualTo(addresses(consumer));
            assertThatItIsToldOf(consumer, target);
        }
    }

    @Test
    void theHeaderOfHaproxyIsReadWithTheNameInTheConsumersCertificate() throws Exception {
        TestAuthority authority = new TestAuthority("a");
        Path server = directory.resolve("server");
        authority.leaf("db.example.com").write(server);
        String pem = file("server.pem", read(server.resolve("tls.crt")) + read(server.resolve("tls.key")));
        String ca = file(
                "ca.pem", ((Trust.Bundles) authority.trust()).bundles().get(0).pem());
        InetSocketAddress between = TestRelay.freeAddress();
        haproxy(between, "ssl crt " + pem + " ca-file " + ca + " verify required", "send-proxy-v2-ssl-cn");
        TestAuthority.Leaf leaf = authority.leaf("web.example.com");
        try (HeaderUpstream upstream = reader(between);
                SSLSocket consumer = (SSLSocket) authority
                        .peer(leaf)
                        .getSocketFactory()
                        .createSocket(consumer(), "db.example.com", sending.getPort(), true)) {
            consumer.startHandshake();
            try (Socket target = upstream.accept()) {
                HeaderUpstream.Header header = HeaderUpstream.header(target);

                assertThat(header.addresses()).isEqualTo(addresses(consumer));
                String subject = leaf.certificate().getSubjectX500Principal().getName();
                assertThat(header.tlvs().get(HeaderUpstream.TLS)).contains(subject.substring("CN=".length()));
                assertThatItIsToldOf(consumer, target);
            }
        }
    }
}
