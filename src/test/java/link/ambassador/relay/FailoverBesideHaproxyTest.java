package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Failover;
import link.ambassador.config.Failover.Failback;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.HealthCheck.Probing;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * The relay and Debian's HAProxy with the same check, in front of two Redis whose first one dies, changes its role, or says nothing any
 * longer. Prints a table: {@code ./mvnw test -Dtest=FailoverBesideHaproxyTest -DargLine=-Dfailover.rounds=5}, three minutes.
 */
@EnabledIfSystemProperty(named = "failover.rounds", matches = "[0-9]+")
final class FailoverBesideHaproxyTest {
    private static final int ROUNDS = Integer.getInteger("failover.rounds", 1);
    private static final int INTERVAL_MILLIS = 500;
    private static final HealthCheck.Check ROLE = new HealthCheck.Exchange(
            List.of(new HealthCheck.Step("INFO replication\r\n", "role:master")), Optional.empty());

    @TempDir
    Path scratch;

    private enum Way {
        AMBASSADOR,
        HAPROXY
    }

    /** What happens to the first Redis. */
    private enum Fault {
        /** kill -9; the second one takes writes already. Connects are checked. */
        KILLED,
        /** It becomes a replica, and then the second one the primary. The role is checked. */
        DEMOTED,
        /** SIGSTOP: its kernel accepts, and nobody answers. The second becomes the primary. The role is checked. */
        STOPPED;

        HealthCheck.Check check() {
            return this == KILLED ? new HealthCheck.Tcp() : ROLE;
        }
    }

    /** @param millis from the fault to the first connection that could write */
    private record Round(double millis, int failed, int refusedByAReplica) {}

    @Test
    void timesFromAFaultToTheFirstGoodConnection() throws Exception {
        System.out.printf(
                "interval %d ms, %d rounds; median and longest time to the first good connection; connections that"
                        + " failed until then and writes that a replica refused, in all rounds%n",
                INTERVAL_MILLIS, ROUNDS);
        for (Fault fault : Fault.values()) {
            for (Way way : Way.values()) {
                List<Round> rounds = new ArrayList<>();
                for (int i = 0; i < ROUNDS; i++) {
                    rounds.add(round(fault, way));
                }
                List<Double> millis =
                        new ArrayList<>(rounds.stream().map(Round::millis).toList());
                Collections.sort(millis);
                System.out.printf(
                        Locale.ROOT,
                        "%-8s %-10s median %7.1f ms, longest %7.1f ms, failed %4d, refused by a replica %4d%n",
                        fault,
                        way,
                        millis.get(millis.size() / 2),
                        millis.get(millis.size() - 1),
                        rounds.stream().mapToInt(Round::failed).sum(),
                        rounds.stream().mapToInt(Round::refusedByAReplica).sum());
            }
        }
    }

    private Round round(Fault fault, Way way) throws Exception {
        InetSocketAddress listen = TestRelay.freeAddress();
        try (RealRedis first = RealRedis.start();
                RealRedis second = RealRedis.start();
                AutoCloseable proxy = way == Way.HAPROXY
                        ? haproxy(fault, listen, first, second)
                        : relay(fault, listen, first, second)) {
            assertThat(proxy).isNotNull();
            if (fault != Fault.KILLED) {
                call(second, "REPLICAOF", "127.0.0.1", Integer.toString(first.port()));
            }
            await().until(() -> write(listen).equals("OK"));
            // HAProxy takes the second one for healthy until its check has failed.
            await().during(Duration.ofSeconds(3)).until(() -> write(listen).equals("OK"));
            switch (fault) {
                case KILLED -> signal(first, "KILL");
                case DEMOTED -> {
                    call(first, "REPLICAOF", "127.0.0.1", Integer.toString(second.port()));
                    call(second, "REPLICAOF", "NO", "ONE");
                }
                default -> {
                    signal(first, "STOP");
                    call(second, "REPLICAOF", "NO", "ONE");
                }
            }
            return measured(listen);
        }
    }

    private static Round measured(InetSocketAddress listen) {
        long began = System.nanoTime();
        int failed = 0;
        int refused = 0;
        while (true) {
            String answer = write(listen);
            double millis = (System.nanoTime() - began) / 1e6;
            if (answer.equals("OK")) {
                return new Round(millis, failed, refused);
            }
            if (answer.startsWith("READONLY") || answer.startsWith("-READONLY")) {
                refused++;
            } else {
                failed++;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            assertThat(millis).isLessThan(60_000);
        }
    }

    /** What a new connection gets for a write; waits for it 200 ms at most. */
    private static String write(InetSocketAddress listen) {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(200);
            socket.connect(listen, 200);
            socket.getOutputStream().write("SET key value\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[64];
            int length = socket.getInputStream().read(answer);
            return length < 1 ? "ended" : new String(answer, 1, length - 1, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void call(RealRedis redis, String... words) throws IOException {
        try (RedisClient client = redis.connect()) {
            assertThat(client.call(words)).isEqualTo("OK");
        }
    }

    private static void signal(RealRedis redis, String signal) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(redis.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static TestRelay relay(Fault fault, InetSocketAddress listen, RealRedis first, RealRedis second) {
        HealthCheck check = new HealthCheck(
                fault.check(),
                OptionalInt.empty(),
                fault == Fault.KILLED ? Probing.ON_FAILURE : Probing.ALWAYS,
                Duration.ofMillis(INTERVAL_MILLIS),
                HealthCheck.DEFAULT_TIMEOUT,
                HealthCheck.DEFAULT_UNHEALTHY_THRESHOLD,
                HealthCheck.DEFAULT_HEALTHY_THRESHOLD);
        return TestRelay.start(Map.of(), listen, first.address(), link -> Link.builder(
                        link.alias(),
                        link.listen(),
                        Stream.of(first, second)
                                .map(redis -> new Target("127.0.0.1", redis.port()))
                                .toList())
                .connectTimeout(Duration.ofSeconds(1))
                .healthCheck(Optional.of(check))
                .failover(Optional.of(new Failover(
                        Failover.DEFAULT_SELECTION,
                        List.of(),
                        Failback.IMMEDIATE,
                        ExistingConnections.CLOSE,
                        Failover.WhenNoneHealthy.defaultFor(fault.check()))))
                .build());
    }

    private AutoCloseable haproxy(Fault fault, InetSocketAddress listen, RealRedis first, RealRedis second)
            throws Exception {
        String check = fault == Fault.KILLED
                ? ""
                : "  option tcp-check\n"
                        + "  tcp-check send \"INFO replication\\r"
                        + "\\n"
                        + "\"\n"
                        + "  tcp-check expect string role:master\n";
        Path configuration = Files.writeString(
                scratch.resolve("haproxy.cfg"),
                """
                global
                  nbthread 1
                defaults
                  mode tcp
                  timeout connect 1s
                  timeout check 1s
                  timeout client 1m
                  timeout server 1m
                  retries 3
                  option redispatch 1
                listen redis
                  bind 127.0.0.1:%d
                %s  default-server check inter %dms fall 2 rise 1 on-marked-down shutdown-sessions
                  server first 127.0.0.1:%d
                  server second 127.0.0.1:%d backup
                """
                        .formatted(listen.getPort(), check, INTERVAL_MILLIS, first.port(), second.port()));
        Process process = new ProcessBuilder("/usr/sbin/haproxy", "-db", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        await().until(() -> accepts(listen));
        return () -> {
            process.destroyForcibly();
            process.waitFor(5, TimeUnit.SECONDS);
        };
    }

    private static boolean accepts(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()), 1_000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
