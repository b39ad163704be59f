package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recipes of docs/failover.md, with Debian's Redis. {@code -Dfailover.swaps=100} has the roles swapped as often as that (some two
 * minutes); otherwise it is three times.
 */
final class FailoverRecipesTest {
    private static final int SWAPS = Integer.getInteger("failover.swaps", 3);
    private static final int CONSUMERS = 8;
    /** Of one consumer. */
    private static final Duration BETWEEN_WRITES = Duration.ofMillis(5);

    private static final Pattern RECIPE = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);
    private static final String PASSWORD = "s3cret";

    @TempDir
    Path credentials;

    @Test
    void plainTcp() throws Exception {
        try (CheckedUpstream first = new CheckedUpstream("first");
                CheckedUpstream second = new CheckedUpstream("second");
                TestRelay relay = relay(recipe(0), first.address, second.address)) {
            assertThat(answerOf(relay)).isEqualTo("first");
            first.die();
            assertThat(answerOf(relay)).isEqualTo("second");
        }
    }

    /** Two servers that answer as the API of Patroni does, on one port of two addresses. */
    @Test
    void patroni() throws Exception {
        int port = LoopbackPort.free();
        try (CheckedUpstream first = new CheckedUpstream("first", new InetSocketAddress("127.0.0.2", port));
                CheckedUpstream second = new CheckedUpstream("second", new InetSocketAddress("127.0.0.3", port))) {
            first.listen();
            second.listen();
            first.status = 503;
            try (TestRelay relay = relay(recipe(1), first.address, second.address)) {
                assertThat(answerOf(relay)).isEqualTo("second");
                second.status = 503;
                first.status = 200;
                await().until(() -> healthOf(relay, second.address), "unhealthy"::equals);
                await().until(() -> healthOf(relay, first.address), "healthy"::equals);
                assertThat(answerOf(relay)).isEqualTo("first");
            }
        }
    }

    @Test
    void redisWithoutAPassword() throws Exception {
        swapRoles(recipe(2), Optional.empty());
    }

    @Test
    void redisWithAPassword() throws Exception {
        Files.createDirectories(credentials.resolve("redis-auth"));
        Files.writeString(credentials.resolve("redis-auth/password"), PASSWORD + "\n");
        swapRoles(recipe(3), Optional.of(PASSWORD));
    }

    /**
     * Swaps the roles of two Redis again and again, while consumers write. A consumer that connects after the relay has seen the change never
     * writes to a replica.
     */
    private void swapRoles(Link recipe, Optional<String> password) throws Exception {
        try (RealRedis a = RealRedis.start();
                RealRedis b = RealRedis.start()) {
            for (RealRedis redis : List.of(a, b)) {
                if (password.isPresent()) {
                    try (RedisClient client = redis.connect()) {
                        client.call("CONFIG", "SET", "masterauth", password.get());
                        client.call("CONFIG", "SET", "requirepass", password.get());
                    }
                }
            }
            call(b, password, "REPLICAOF", "127.0.0.1", Integer.toString(a.port()));
            try (TestRelay relay = relay(recipe, a.address(), b.address());
                    Writers writers = new Writers(relay.address, password)) {
                writers.settled();
                writers.awaitWrites();
                RealRedis primary = a;
                for (int swap = 0; swap < SWAPS; swap++) {
                    RealRedis former = primary;
                    primary = former == a ? b : a;
                    RealRedis next = primary;
                    writers.unsettled();
                    call(former, password, "REPLICAOF", "127.0.0.1", Integer.toString(next.port()));
                    call(next, password, "REPLICAOF", "NO", "ONE");
                    await().until(() -> healthOf(relay, former.address()), "unhealthy"::equals);
                    await().until(() -> healthOf(relay, next.address()), "healthy"::equals);
                    writers.settled();
                    writers.awaitWrites();
                }
                assertThat(writers.wrong).hasValue(null);
            }
        }
    }

    /** Consumers that connect, write once, and end the connection; and look at each answer. */
    private static final class Writers implements AutoCloseable {
        private final InetSocketAddress address;
        private final Optional<String> password;
        private final AtomicBoolean ended = new AtomicBoolean();
        private final List<Thread> threads = new ArrayList<>();

        /** Odd while roles are settled. */
        private final AtomicInteger phase = new AtomicInteger();

        private final AtomicInteger writes = new AtomicInteger();
        private final AtomicReference<String> wrong = new AtomicReference<>();

        Writers(InetSocketAddress address, Optional<String> password) {
            this.address = address;
            this.password = password;
            for (int i = 0; i < CONSUMERS; i++) {
                Thread thread = new Thread(this::write, "writer-" + i);
                thread.start();
                threads.add(thread);
            }
        }

        private void write() {
            while (!ended.get()) {
                int before = phase.get();
                try (RedisClient client = new RedisClient(address)) {
                    if (password.isPresent()) {
                        client.call("AUTH", password.get());
                    }
                    String answer = String.valueOf(client.call("SET", "key", "value"));
                    if (answer.equals("OK")) {
                        writes.incrementAndGet();
                    } else {
                        wrong(before, answer);
                    }
                } catch (IOException | RuntimeException e) {
                    wrong(before, e.toString());
                }
                LockSupport.parkNanos(BETWEEN_WRITES.toNanos());
            }
        }

        private void wrong(int before, String what) {
            if (before % 2 == 1 && phase.get() == before && !ended.get()) {
                wrong.compareAndSet(null, what);
            }
        }

        void settled() {
            phase.updateAndGet(now -> now | 1);
        }

        void unsettled() {
            phase.incrementAndGet();
        }

        void awaitWrites() {
            int before = writes.get();
            await().until(() -> writes.get() >= before + 2 * CONSUMERS || wrong.get() != null);
        }

        @Override
        public void close() {
            ended.set(true);
            await().until(() -> threads.stream().noneMatch(Thread::isAlive));
        }
    }

    private static void call(RealRedis redis, Optional<String> password, String... words) throws IOException {
        try (RedisClient client = redis.connect()) {
            if (password.isPresent()) {
                client.call("AUTH", password.get());
            }
            assertThat(client.call(words)).isEqualTo("OK");
        }
    }

    private static Link recipe(int index) throws IOException {
        List<String> recipes = RECIPE.matcher(Files.readString(Path.of("docs/failover.md")))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(recipes).hasSize(4);
        ParseResult result = LinkTableReader.read(recipes.get(index).getBytes(StandardCharsets.UTF_8));
        return ((ParseResult.Accepted) result).table().links().get(0);
    }

    /** The recipe with the addresses of this test, and the shortest interval, so that the test takes no longer than needed. */
    private TestRelay relay(Link recipe, InetSocketAddress... targets) {
        HealthCheck written = recipe.healthCheck().orElseThrow();
        HealthCheck check = new HealthCheck(
                written.check(),
                written.port().isPresent() ? OptionalInt.of(targets[0].getPort()) : OptionalInt.empty(),
                written.probing(),
                HealthCheck.MIN_INTERVAL,
                written.timeout(),
                written.unhealthyThreshold(),
                written.healthyThreshold());
        List<Target> ours = Stream.of(targets)
                .map(address -> new Target(address.getAddress().getHostAddress(), address.getPort()))
                .toList();
        return TestRelay.start(Map.of("AMBASSADOR_TLS_DIRECTORY", credentials.toString()), link -> Link.builder(
                        link.alias(), link.listen(), ours)
                .healthCheck(Optional.of(check))
                .failover(recipe.failover())
                .build());
    }

    private static String healthOf(TestRelay relay, InetSocketAddress target) {
        return relay.see(link -> link.checks()
                .orElseThrow()
                .targets()
                .get(new Target(target.getAddress().getHostAddress(), target.getPort()))
                .state()
                .word());
    }

    private static String answerOf(TestRelay relay) throws IOException {
        return CheckedUpstream.ask(relay.address);
    }
}
