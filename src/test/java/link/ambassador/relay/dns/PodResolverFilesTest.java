package link.ambassador.relay.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import link.ambassador.relay.dns.UnresolvedException.Reason;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names from the files of the pod, also when they change; and names that need no server. */
class PodResolverFilesTest {
    private static final String[] CLUSTER = {
        "search shop.svc.cluster.local svc.cluster.local cluster.local", "options ndots:5"
    };
    private Pod pod;

    @BeforeEach
    void start(@TempDir Path directory) {
        pod = new Pod(directory, "redis");
    }

    @AfterEach
    void stop() {
        pod.close();
    }

    @Test
    void aNameWithFewDotsIsSearchedForFirst() {
        pod.resolvConf(CLUSTER);
        pod.dns.addresses("redis.cache.svc.cluster.local", 30, "192.0.2.1");
        assertThat(pod.resolve("redis.cache")).containsExactly("192.0.2.1");
        assertThat(pod.dns.asked())
                .containsExactly("redis.cache.shop.svc.cluster.local", "redis.cache.svc.cluster.local");
    }

    @Test
    void aNameFoundNowhereInTheSearchListIsQueriedAsItIs() {
        pod.resolvConf(CLUSTER);
        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        assertThat(pod.dns.asked())
                .containsExactly(
                        "db.example.com.shop.svc.cluster.local",
                        "db.example.com.svc.cluster.local",
                        "db.example.com.cluster.local",
                        "db.example.com");
    }

    @Test
    void aNameWithEnoughDotsIsQueriedAsItIsFirst() {
        pod.resolvConf("search cluster.local", "options ndots:2");
        pod.dns.addresses("db.example.com.cluster.local", 30, "192.0.2.1");
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        assertThat(pod.dns.asked()).containsExactly("db.example.com", "db.example.com.cluster.local");
    }

    @Test
    void aNameWithATrailingDotIsQueriedOnlyAsItIs() {
        pod.resolvConf(CLUSTER);
        assertThat(pod.failure("db.example.com.").reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(pod.dns.asked()).containsExactly("db.example.com");
    }

    @Test
    void aFailureInTheSearchListIsNotHiddenByNoSuchNameAfterIt() {
        pod.resolvConf(CLUSTER);
        pod.dns.code("redis.shop.svc.cluster.local", DnsResponseCode.SERVFAIL);
        assertThat(pod.failure("redis").reason()).isEqualTo(Reason.SERVER_FAILURE);
    }

    @Test
    void silenceEndsTheSearch() {
        pod.resolvConf(CLUSTER);
        pod.dns.silent("db.shop.svc.cluster.local");
        pod.dns.addresses("db", 30, "192.0.2.1");
        assertThat(pod.failure("db").reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(pod.dns.asked()).containsOnly("db.shop.svc.cluster.local");
    }

    @Test
    void aChangeOfResolvConfIsSeenWithinASecond() {
        try (ScriptedDns other = new ScriptedDns()) {
            pod.dns.addresses("db.example.com", 300, "192.0.2.1");
            other.addresses("db.example.com", 300, "192.0.2.2");
            assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
            pod.resolvConfOf(other);
            pod.later(Duration.ofSeconds(1));
            assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.2");
        }
    }

    @Test
    void aChangeOfResolvConfDuringASearchFailsNoCall() {
        try (ScriptedDns other = new ScriptedDns()) {
            pod.resolvConf(CLUSTER);
            pod.dns.addresses("db.svc.cluster.local", 300, "192.0.2.1");
            other.addresses("db", 300, "192.0.2.2");
            pod.dns.withhold();
            CompletableFuture<List<String>> before = pod.begin("db");
            Awaitility.await().until(() -> pod.asked("db.shop.svc.cluster.local") == 1);

            pod.resolvConfOf(other);
            pod.later(Duration.ofSeconds(1));
            assertThat(pod.resolve("db")).containsExactly("192.0.2.2");

            pod.dns.deliver();
            assertThat(before.join()).containsExactly("192.0.2.1");
            assertThat(pod.resolve("db")).containsExactly("192.0.2.2");
            Awaitility.await().until(() -> pod.sockets() == 0);
        }
    }

    @Test
    void theLastGoodAddressOutlivesAChangeOfResolvConf() {
        try (ScriptedDns failing = new ScriptedDns()) {
            pod.dns.addresses("db.example.com", 30, "192.0.2.1");
            failing.code("db.example.com", DnsResponseCode.SERVFAIL);
            pod.resolve("db.example.com");
            pod.resolvConfOf(failing);
            pod.later(Duration.ofSeconds(1));
            assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        }
    }

    @Test
    void aSearchUnderWayEndsAfterClosing() {
        pod.resolvConf(CLUSTER);
        pod.dns.addresses("db.svc.cluster.local", 300, "192.0.2.1");
        pod.dns.withhold();
        CompletableFuture<List<String>> before = pod.begin("db");
        Awaitility.await().until(() -> pod.asked("db.shop.svc.cluster.local") == 1);
        pod.closeNames();
        pod.dns.deliver();
        assertThat(before.join()).containsExactly("192.0.2.1");
        Awaitility.await().until(() -> pod.sockets() == 0);
    }

    @Test
    void noQueryIsSentAfterClosing() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        pod.closeNames();
        pod.closeNames();
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.SERVER_FAILURE);
        assertThat(pod.dns.asked()).isEmpty();
    }

    @Test
    void theHostsFileComesBeforeServers() {
        pod.hosts(
                "192.0.2.7 db.example.com db# the old one",
                "\t2001:db8::7\t\tDB\r",
                "192.0.2.9 # db",
                "192.0.2.10 cache#db");
        assertThat(pod.resolve("cache")).containsExactly("192.0.2.10");
        assertThat(pod.resolve("Db.Example.Com")).containsExactly("192.0.2.7");
        assertThat(pod.resolve("db")).containsExactly("192.0.2.7", "2001:db8:0:0:0:0:0:7");
        assertThat(pod.dns.asked()).isEmpty();
    }

    @Test
    void aChangeOfTheHostsFileIsSeenWithinASecond() {
        pod.hosts("192.0.2.7 db");
        assertThat(pod.resolve("db")).containsExactly("192.0.2.7");
        pod.hosts("192.0.2.8 db");
        pod.later(Duration.ofMillis(999));
        assertThat(pod.resolve("db")).containsExactly("192.0.2.7");
        pod.later(Duration.ofMillis(1));
        assertThat(pod.resolve("db")).containsExactly("192.0.2.8");
    }

    @Test
    void aNewNameIsFoundInAnUnchangedHostsFile() {
        pod.hosts("192.0.2.7 db", "192.0.2.8 cache");
        assertThat(pod.resolve("db")).containsExactly("192.0.2.7");
        assertThat(pod.resolve("cache")).containsExactly("192.0.2.8");
        List<CompletableFuture<List<String>>> atOnce = List.of(pod.begin("DB"), pod.begin("one"), pod.begin("cache"));
        assertThat(atOnce.get(0).join()).containsExactly("192.0.2.7");
        assertThat(atOnce.get(2).join()).containsExactly("192.0.2.8");
    }

    @Test
    void aNameInALongHostsFileIsFound() {
        pod.hosts(Stream.concat(
                        IntStream.range(0, 200_000).mapToObj(i -> "0.0.0.0 ads" + i + ".example.com"),
                        Stream.of("192.0.2.7 db"))
                .toArray(String[]::new));
        assertThat(pod.resolve("db")).containsExactly("192.0.2.7");
        assertThat(pod.resolve("ads199999.example.com")).containsExactly("0.0.0.0");
    }

    @Test
    void theHostsFileIsReadUpToALimit(@TempDir Path directory) throws IOException {
        Path hosts = directory.resolve("hosts");
        try (RandomAccessFile file = new RandomAccessFile(hosts.toFile(), "rw")) {
            file.writeBytes("192.0.2.7 db\n");
            file.seek(HostsFile.MAX_BYTES + 8192L);
            file.writeBytes("\n192.0.2.8 db\n");
        }
        pod.hosts(hosts);
        assertThat(pod.resolve("db")).containsExactly("192.0.2.7");
    }

    @Test
    void aHostsFileThatIsAFifoIsIgnored(@TempDir Path directory) throws Exception {
        Path fifo = directory.resolve("fifo");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        pod.hosts(fifo);
        pod.dns.addresses("db", 30, "192.0.2.1");
        assertThat(pod.resolve("db")).containsExactly("192.0.2.1");
    }

    @Test
    void theFirstThreeServersAreQueried() {
        assertThat(ResolvConf.parse(List.of(
                                "nameserver 192.0.2.1",
                                "nameserver 192.0.2.2",
                                "nameserver 192.0.2.3",
                                "nameserver 192.0.2.4"))
                        .servers())
                .hasSize(3);
    }

    @Test
    void anAliasOfThisRelayIsNotLookedUpInTheHostsFile() {
        pod.hosts("127.0.0.1 redis redis.cache");
        pod.resolvConf(CLUSTER);
        pod.dns.addresses("redis.shop.svc.cluster.local", 30, "192.0.2.1");
        assertThat(pod.resolve("redis")).containsExactly("192.0.2.1");
        pod.later(Duration.ofSeconds(30));
        assertThat(pod.resolve("REDIS")).containsExactly("192.0.2.1");
        assertThat(pod.resolve("redis.cache")).containsExactly("127.0.0.1");
    }

    @Test
    void localhostIsLoopbackWithoutAnyFile() {
        assertThat(pod.resolve("localhost")).first().isEqualTo("127.0.0.1");
        assertThat(pod.resolve("LocalHost.")).first().isEqualTo("127.0.0.1");
        assertThat(pod.dns.asked()).isEmpty();
    }

    @Test
    void anAddressResolvesToItself() {
        assertThat(pod.resolve("192.0.2.1")).containsExactly("192.0.2.1");
        assertThat(pod.resolve("2001:db8::1")).containsExactly("2001:db8:0:0:0:0:0:1");
        assertThat(pod.dns.asked()).isEmpty();
    }

    @Test
    void anAddressIsAnsweredAfterClosingToo() {
        pod.closeNames();
        assertThat(pod.resolve("192.0.2.1")).containsExactly("192.0.2.1");
    }
}
