package link.ambassador.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import link.ambassador.config.Trust;
import link.ambassador.config.UpstreamTls;
import link.ambassador.relay.tls.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Redis that speaks only TLS and wants a certificate, which consumers of plain Redis reach through the relay. */
final class RedisTlsTest {
    private static final String NAME = "redis.example.com";
    private static final int COMMANDS = 1_000;

    private final TestAuthority authority = new TestAuthority("a");
    private RealRedis redis;

    @TempDir
    private Path directory;

    @BeforeEach
    void startRedis() throws Exception {
        Path own = directory.resolve("redis");
        authority.leaf(NAME).write(own);
        Files.writeString(
                own.resolve("ca.crt"),
                ((Trust.Bundles) authority.trust()).bundles().get(0).pem());
        redis = RealRedis.startWithTls(own);
        authority.leaf("orders.example.com").write(directory.resolve("orders"));
    }

    @AfterEach
    void stopRedis() {
        redis.close();
    }

    private TestRelay relay(Optional<String> certificate) {
        return TestRelay.start(
                Map.of("AMBASSADOR_TLS_DIRECTORY", directory.toString()),
                TestRelay.freeAddress(),
                redis.address(),
                link -> link.toBuilder()
                        .upstreamTls(Optional.of(new UpstreamTls(
                                authority.trust(),
                                Optional.of(NAME),
                                List.of(),
                                certificate,
                                UpstreamTls.DEFAULT_NEGOTIATION,
                                UpstreamTls.DEFAULT_MIN_VERSION)))
                        .build());
    }

    @Test
    void aConsumerOfPlainRedisIsServed() throws IOException {
        byte[] value = new byte[8 << 20];
        new Random(1).nextBytes(value);
        try (TestRelay relay = relay(Optional.of("orders"));
                RedisClient client = new RedisClient(relay.address)) {
            assertThat(client.call("PING")).isEqualTo("PONG");
            for (int i = 0; i < COMMANDS; i++) {
                client.queue("INCR", "n");
            }
            client.flush();
            for (long i = 1; i <= COMMANDS; i++) {
                assertThat(client.reply()).isEqualTo(i);
            }
            client.queue("SET".getBytes(US_ASCII), "large".getBytes(US_ASCII), value);
            client.flush();
            assertThat(client.reply()).isEqualTo("OK");
            client.send("GET", "large");
            assertThat(client.bytes()).isEqualTo(value);
        }
    }

    @Test
    void withoutTheRelayAConsumerOfPlainRedisIsNotServed() {
        assertThatThrownBy(() -> {
                    try (RedisClient client = redis.connect()) {
                        client.call("PING");
                    }
                })
                .isInstanceOf(IOException.class);
    }

    /** Redis speaks TLS 1.3, in which a server says so behind the handshake. */
    @Test
    void aRelayThatShowsNoCertificateIsRefused() {
        try (TestRelay relay = relay(Optional.empty())) {
            assertThatThrownBy(() -> {
                        try (RedisClient client = new RedisClient(relay.address)) {
                            client.call("PING");
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }
}
