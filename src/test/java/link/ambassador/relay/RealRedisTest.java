package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redis gives the same replies through the relay as without it. */
class RealRedisTest {
    private static final int COMMANDS = 10_000;
    private static final int MESSAGES = 1_000;
    private static final int LARGE = 100 << 20;

    private static RealRedis redis;

    /** Sends commands to the Redis at an address and returns its replies. */
    @FunctionalInterface
    private interface Conversation {
        Object with(InetSocketAddress redis) throws Exception;
    }

    @BeforeAll
    static void startRedis() throws IOException, InterruptedException {
        redis = RealRedis.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @BeforeEach
    void empty() throws IOException {
        direct("FLUSHALL");
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void pingIsAnsweredByPong(Settings.Transport transport) throws Exception {
        Conversation ping = address -> {
            try (RedisClient client = new RedisClient(address)) {
                return client.call("PING");
            }
        };

        assertThat(through(transport, ping))
                .isEqualTo(ping.with(redis.address()))
                .isEqualTo("PONG");
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void tenThousandPipelinedCommandsAreAnsweredInOrder(Settings.Transport transport) throws Exception {
        String kilobyte = "x".repeat(1024);
        Conversation pipeline = address -> {
            try (RedisClient client = new RedisClient(address)) {
                client.queue("SET", "n", "0");
                for (int i = 1; i < COMMANDS; i += 3) {
                    client.queue("INCR", "n");
                    client.queue("ECHO", kilobyte + i);
                    client.queue("NOSUCHCOMMAND");
                }
                client.flush();
                return replies(client, COMMANDS);
            }
        };

        Object relayed = through(transport, pipeline);

        assertThat(relayed).isEqualTo(pipeline.with(redis.address()));
        assertThat(relayed).asInstanceOf(LIST).hasSize(COMMANDS).startsWith("OK", 1L, kilobyte + 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void aBlockedPopIsWokenByAnotherConnection(Settings.Transport transport) throws Exception {
        Conversation pop = address -> {
            try (RedisClient waiting = new RedisClient(address);
                    RedisClient pushing = new RedisClient(address)) {
                waiting.send("BLPOP", "jobs", "0");
                await().pollInterval(Duration.ofMillis(5))
                        .until(() -> direct("INFO", "clients").contains("blocked_clients:1\r\n"));
                return List.of(pushing.call("RPUSH", "jobs", "job 1"), waiting.reply());
            }
        };

        assertThat(through(transport, pop))
                .isEqualTo(pop.with(redis.address()))
                .isEqualTo(List.of(1L, List.of("jobs", "job 1")));
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void everyPublishedMessageReachesTheSubscriberInOrder(Settings.Transport transport) throws Exception {
        Conversation publish = address -> {
            try (RedisClient subscriber = new RedisClient(address);
                    RedisClient publisher = new RedisClient(address)) {
                List<Object> seen = new ArrayList<>();
                seen.add(subscriber.call("SUBSCRIBE", "news"));
                for (int i = 0; i < MESSAGES; i++) {
                    seen.add(publisher.call("PUBLISH", "news", "message " + i));
                }
                seen.addAll(replies(subscriber, MESSAGES));
                seen.add(subscriber.call("UNSUBSCRIBE", "news"));
                seen.add(publisher.call("PUBLISH", "news", "nobody listens"));
                return seen;
            }
        };

        Object relayed = through(transport, publish);

        assertThat(relayed).isEqualTo(publish.with(redis.address()));
        assertThat(relayed)
                .asInstanceOf(LIST)
                .startsWith(List.of("subscribe", "news", 1L), 1L)
                .contains(List.of("message", "news", "message " + (MESSAGES - 1)))
                .endsWith(0L);
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL", "NIO"})
    void aValueOf100MegabytesComesBackAsItWasSet(Settings.Transport transport) throws Exception {
        byte[] value = new byte[LARGE];
        new Random(6379).nextBytes(value);
        Conversation set = address -> {
            try (RedisClient client = new RedisClient(address)) {
                client.queue(ascii("SET"), ascii("large"), value);
                client.flush();
                return client.reply();
            }
        };
        Conversation get = address -> {
            try (RedisClient client = new RedisClient(address)) {
                client.send("GET", "large");
                return sha256(client.bytes());
            }
        };

        assertThat(through(transport, set)).isEqualTo("OK");
        assertThat(get.with(redis.address())).as("what arrived").isEqualTo(sha256(value));
        assertThat(through(transport, get)).as("what came back").isEqualTo(sha256(value));
    }

    private static Object through(Settings.Transport transport, Conversation conversation) throws Exception {
        InetSocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), LoopbackPort.free());
        try (InProcessRelay relay = new InProcessRelay(transport)) {
            relay.start(listen.getPort(), redis.address());
            return conversation.with(listen);
        }
    }

    private static String direct(String... words) throws IOException {
        try (RedisClient client = redis.connect()) {
            return client.call(words).toString();
        }
    }

    private static List<Object> replies(RedisClient client, int count) throws IOException {
        List<Object> replies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            replies.add(client.reply());
        }
        return replies;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
