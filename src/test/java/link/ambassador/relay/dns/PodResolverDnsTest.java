package link.ambassador.relay.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import link.ambassador.relay.dns.UnresolvedException.Reason;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers of servers, and how long they are valid. */
class PodResolverDnsTest {
    private Pod pod;

    @BeforeEach
    void start(@TempDir Path directory) {
        pod = new Pod(directory);
    }

    @AfterEach
    void stop() {
        pod.close();
    }

    @Test
    void anAnswerIsValidForItsTtl() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        pod.dns.addresses("db.example.com", 30, "192.0.2.2");

        pod.later(Duration.ofMillis(27_999));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        assertThat(pod.asked("db.example.com")).isEqualTo(1);

        pod.later(Duration.ofMillis(2_001));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.2");
        assertThat(pod.asked("db.example.com")).isEqualTo(2);
    }

    @Test
    void aTtlOfZeroIsOneSecond() {
        pod.dns.addresses("db.example.com", 0, "192.0.2.1");
        pod.resolve("db.example.com");
        pod.later(Duration.ofMillis(999));
        pod.resolve("db.example.com");
        assertThat(pod.asked("db.example.com")).isEqualTo(1);
        pod.later(Duration.ofMillis(1));
        pod.resolve("db.example.com");
        assertThat(pod.asked("db.example.com")).isEqualTo(2);
    }

    @Test
    void aTtlOfADayIsFiveMinutes() {
        pod.dns.addresses("db.example.com", 86_400, "192.0.2.1");
        pod.resolve("db.example.com");
        pod.later(Duration.ofSeconds(297));
        pod.resolve("db.example.com");
        assertThat(pod.asked("db.example.com")).isEqualTo(1);
        pod.later(Duration.ofSeconds(3));
        pod.resolve("db.example.com");
        assertThat(pod.asked("db.example.com")).isEqualTo(2);
    }

    @Test
    void ofAnAliasAndItsAddressesTheShortestTtlCounts() {
        pod.dns.alias("db.example.com", 5, "pg-a.example.net", 100, "192.0.2.1");
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        pod.dns.alias("db.example.com", 5, "pg-b.example.net", 100, "192.0.2.2");
        pod.later(Duration.ofSeconds(5));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.2");
    }

    @Test
    void allAddressesAreGivenInTheOrderOfTheAnswer() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.9", "192.0.2.1", "192.0.2.5");
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.9", "192.0.2.1", "192.0.2.5");
    }

    @Test
    void bothFamiliesAreGiven() {
        pod.dns.addresses("db.example.com", 30, "2001:db8::1", "192.0.2.1");
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1");
    }

    @Test
    void aNameWithIpv6OnlyIsResolved() {
        pod.dns.addresses("db.example.com", 30, "2001:db8::1");
        assertThat(pod.resolve("db.example.com")).containsExactly("2001:db8:0:0:0:0:0:1");
    }

    @Test
    void addressesOfOneFamilyAreUsedIfTheOtherFails() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        pod.dns.code("db.example.com", DnsRecordType.AAAA, DnsResponseCode.SERVFAIL);
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
    }

    @Test
    void addressesOfOneFamilyDoNotWaitForASilentOther() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        pod.dns.silent("db.example.com", DnsRecordType.AAAA);
        long began = System.nanoTime();
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(900));
    }

    @Test
    void aNameThatDoesNotExistIsQueriedAgainAfterASecond() {
        UnresolvedException failure = pod.failure("db.example.com");
        assertThat(failure.reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(failure).hasMessageContaining("'db.example.com'").hasMessageContaining(pod.dns.address());
        assertThat(pod.asked("db.example.com")).isEqualTo(1);

        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        pod.later(Duration.ofMillis(999));
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.NOT_FOUND);
        pod.later(Duration.ofMillis(1));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
    }

    @Test
    void aNameWithoutAddressesIsNotFound() {
        pod.dns.addresses("db.example.com", 30);
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.NOT_FOUND);
        assertThat(pod.asked("db.example.com")).isEqualTo(1);
    }

    @Test
    void aServerThatFailsIsQueriedTwice() {
        pod.dns.code("db.example.com", DnsResponseCode.SERVFAIL);
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.SERVER_FAILURE);
        assertThat(pod.asked("db.example.com")).isEqualTo(2);
    }

    @Test
    void refusalIsAFailureOfTheServer() {
        pod.dns.code("db.example.com", DnsResponseCode.REFUSED);
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.SERVER_FAILURE);
    }

    @Test
    void aFailureAboutOneFamilyIsNotHiddenByNoAddressesOfTheOther() {
        pod.dns.code("db.example.com", DnsRecordType.A, DnsResponseCode.SERVFAIL);
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.SERVER_FAILURE);
    }

    @Test
    void silenceIsATimeoutAfterTwoTriesOfOneSecond() {
        pod.dns.silent("db.example.com");
        long began = System.nanoTime();
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.TIMEOUT);
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(1900), Duration.ofMillis(3500));
        assertThat(pod.asked("db.example.com")).isEqualTo(2);
    }

    @Test
    void theNextServerIsQueriedWhenTheFirstIsSilent() {
        try (ScriptedDns second = new ScriptedDns()) {
            pod.dns.silent("db.example.com");
            second.addresses("db.example.com", 30, "192.0.2.1");
            pod.resolvConf("nameserver " + second.address());
            assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        }
    }

    @Test
    void theLastGoodAddressIsValidForFiveMinutesIfServersFail() {
        pod.dns.addresses("db.example.com", 10, "192.0.2.1");
        pod.resolve("db.example.com");
        pod.dns.code("db.example.com", DnsResponseCode.SERVFAIL);

        pod.later(Duration.ofSeconds(299));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        pod.later(Duration.ofSeconds(1));
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.SERVER_FAILURE);
    }

    @Test
    void theLastGoodAddressIsUsedIfServersAreSilent() {
        pod.dns.addresses("db.example.com", 10, "192.0.2.1");
        pod.resolve("db.example.com");
        pod.dns.silent("db.example.com");
        pod.later(Duration.ofSeconds(10));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
    }

    @Test
    void theLastGoodAddressEndsASecondAfterServersAnswerAgain() {
        pod.dns.addresses("db.example.com", 10, "192.0.2.1");
        pod.resolve("db.example.com");
        pod.dns.code("db.example.com", DnsResponseCode.SERVFAIL);
        pod.later(Duration.ofSeconds(10));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        pod.dns.addresses("db.example.com", 10, "192.0.2.2");
        pod.later(Duration.ofSeconds(1));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.2");
    }

    @Test
    void theLastGoodAddressIsDroppedWhenTheNameIsGone() {
        pod.dns.addresses("db.example.com", 10, "192.0.2.1");
        pod.resolve("db.example.com");
        pod.dns.gone("db.example.com");
        pod.later(Duration.ofSeconds(10));
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.NOT_FOUND);

        pod.dns.code("db.example.com", DnsResponseCode.SERVFAIL);
        pod.later(Duration.ofSeconds(1));
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.SERVER_FAILURE);
    }

    @Test
    void concurrentLookupsShareOneQuery() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        pod.dns.withhold();
        List<CompletableFuture<List<String>>> lookups =
                List.of(pod.begin("db.example.com"), pod.begin("DB.example.com"), pod.begin("db.example.com"));
        Awaitility.await().until(() -> pod.asked("db.example.com") == 1);
        pod.dns.deliver();
        assertThat(lookups).allSatisfy(lookup -> assertThat(lookup.join()).containsExactly("192.0.2.1"));
        assertThat(pod.asked("db.example.com")).isEqualTo(1);
    }

    @Test
    void anAnswerThatDoesNotFitIsQueriedOverTcp() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        pod.dns.truncate("db.example.com", 0);
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
    }

    @Test
    void aTruncatedAnswerIsUsedIfTcpFails() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.1", "192.0.2.2", "192.0.2.3");
        pod.dns.truncate("db.example.com", 2);
        pod.dns.withoutTcp();
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1", "192.0.2.2");
        assertThat(pod.dns.overTcp()).isPositive();
    }

    @Test
    void anAnswerWithoutAddressesFailsIfTcpFails() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        pod.dns.truncate("db.example.com", 0);
        pod.dns.withoutTcp();
        assertThat(pod.failure("db.example.com")).hasMessageContaining("it closed the connection");
    }

    @Test
    void withUseVcEachQueryGoesOverTcp() {
        pod.resolvConf("options ndots:1 use-vc");
        pod.dns.addresses("db.example.com", 30, "192.0.2.1", "2001:db8::1");
        pod.dns.withoutUdp();
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1");
        assertThat(pod.dns.overUdp()).isZero();
        Awaitility.await().until(() -> pod.sockets() == 0);
    }

    @Test
    void aServerThatAnswersNothingOverTcpIsATimeoutAndLeavesNoSocket() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            pod.resolvConfOf("127.0.0.1#" + silent.getLocalPort(), "options use-vc");
            assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.TIMEOUT);
            Awaitility.await().until(() -> pod.sockets() == 0);
        }
    }

    @Test
    void aServerWithoutEdnsIsQueriedWithoutIt() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        pod.dns.withoutEdns(DnsResponseCode.FORMERR);
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
    }

    @Test
    void anAddressBeforeTheAliasThatLeadsToItIsTaken() {
        pod.dns.alias("db.example.com", 5, "pg-a.example.net", 100, "192.0.2.1", "192.0.2.2");
        pod.dns.reverse("db.example.com");
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.2", "192.0.2.1");
        pod.dns.alias("db.example.com", 5, "pg-b.example.net", 100, "192.0.2.3");
        pod.later(Duration.ofSeconds(5));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.3");
    }

    @Test
    void addressesOfOtherNamesInAnAnswerAreNotTaken() {
        pod.dns.alias("db.example.com", 30, "pg-a.example.net", 30);
        pod.dns.beside("db.example.com", "other.example.com", "192.0.2.66");
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.NOT_FOUND);
    }

    @Test
    void eachQueryHasItsOwnPortAndNoSocketStaysOpen() {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 8; i++) {
            pod.dns.addresses("db" + i + ".example.com", 30, "192.0.2.1");
            pod.resolve("db" + i + ".example.com");
            ports.addAll(pod.dns.udpPorts());
        }
        // The kernel may use a closed port again.
        assertThat(ports).hasSizeGreaterThan(8);
        Awaitility.await().until(() -> pod.sockets() == 0);
    }

    @Test
    void aSecondTryComesFromAnotherPort() {
        pod.dns.silent("db.example.com");
        pod.failure("db.example.com");
        assertThat(pod.dns.udpPorts()).hasSizeGreaterThan(2);
    }

    @Test
    void manyNamesAtOnceTakeABoundedNumberOfSocketsAndAreAllAnswered() {
        pod.dns.withhold();
        List<CompletableFuture<List<String>>> lookups = new ArrayList<>();
        for (int i = 0; i < 4 * DnsExchange.MAX_IN_FLIGHT; i++) {
            pod.dns.addresses("db" + i + ".example.com", 30, "192.0.2.1");
            lookups.add(pod.begin("db" + i + ".example.com"));
        }
        Awaitility.await().until(() -> pod.sockets() == DnsExchange.MAX_IN_FLIGHT);
        Awaitility.await().until(() -> pod.dns.overUdp() == DnsExchange.MAX_IN_FLIGHT);
        pod.dns.deliver();
        assertThat(lookups).allSatisfy(lookup -> assertThat(lookup.join()).containsExactly("192.0.2.1"));
        Awaitility.await().until(() -> pod.sockets() == 0);
    }

    @Test
    void aNameIsQueriedAgainWhenItsAddressesCannotBeConnected() {
        pod.dns.addresses("db.example.com", 600, "192.0.2.1");
        pod.resolve("db.example.com");
        pod.dns.addresses("db.example.com", 600, "192.0.2.2");

        pod.unreachable("DB.example.com", "192.0.2.1");
        pod.later(Duration.ofMillis(999));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        assertThat(pod.asked("db.example.com")).isEqualTo(1);

        pod.later(Duration.ofMillis(1));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.2");
        assertThat(pod.asked("db.example.com")).isEqualTo(2);
    }

    @Test
    void aNameThatCannotBeConnectedIsQueriedOnceASecond() {
        pod.dns.addresses("db.example.com", 600, "192.0.2.1");
        for (int i = 0; i < 30; i++) {
            pod.resolve("db.example.com");
            pod.unreachable("db.example.com", "192.0.2.1");
            pod.later(Duration.ofMillis(100));
        }
        assertThat(pod.asked("db.example.com")).isEqualTo(3);
    }

    @Test
    void anAnswerThatCannotBeConnectedStaysTheLastGoodWhenServersFail() {
        pod.dns.addresses("db.example.com", 600, "192.0.2.1");
        pod.resolve("db.example.com");
        pod.dns.code("db.example.com", DnsResponseCode.SERVFAIL);
        pod.later(Duration.ofSeconds(1));
        pod.unreachable("db.example.com", "192.0.2.1");
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        assertThat(pod.asked("db.example.com")).isEqualTo(3);
    }

    @Test
    void aFailureOfOldAddressesDoesNotTouchTheNewAnswer() {
        pod.dns.addresses("db.example.com", 600, "192.0.2.2");
        pod.resolve("db.example.com");
        pod.unreachable("db.example.com", "192.0.2.1");
        pod.later(Duration.ofSeconds(1));
        pod.resolve("db.example.com");
        assertThat(pod.asked("db.example.com")).isEqualTo(1);
    }

    @Test
    void noCallWaitsForAQueryBeforeTheTtlEnds() {
        pod.dns.addresses("db.example.com", 5, "192.0.2.1");
        pod.resolve("db.example.com");
        pod.dns.addresses("db.example.com", 5, "192.0.2.2");
        pod.dns.withhold();
        pod.later(Duration.ofSeconds(3));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        Awaitility.await().until(() -> pod.asked("db.example.com") == 2);
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1");
        assertThat(pod.asked("db.example.com")).isEqualTo(2);
        pod.dns.deliver();
        Awaitility.await()
                .untilAsserted(() -> assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.2"));
        assertThat(pod.asked("db.example.com")).isEqualTo(2);
    }

    @Test
    void noSuchNameForAEndsTheQueryDespiteASilentAaaa() {
        pod.dns.code("db.example.com", DnsRecordType.A, DnsResponseCode.NXDOMAIN);
        pod.dns.silent("db.example.com", DnsRecordType.AAAA);
        assertThat(pod.failure("db.example.com").reason()).isEqualTo(Reason.NOT_FOUND);
        // The server may read this query after it has answered the other.
        Awaitility.await().until(() -> pod.dns.asked("db.example.com", DnsRecordType.AAAA) == 1);
    }

    @Test
    void halfAnAnswerIsValidForOneSecond() {
        pod.dns.addresses("db.example.com", 30, "192.0.2.1");
        pod.dns.code("db.example.com", DnsRecordType.AAAA, DnsResponseCode.SERVFAIL);
        pod.resolve("db.example.com");
        pod.dns.addresses("db.example.com", 30, "192.0.2.1", "2001:db8::1");
        pod.later(Duration.ofSeconds(1));
        assertThat(pod.resolve("db.example.com")).containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1");
    }

    @Test
    void aNameThatDnsCannotHaveIsInvalid() {
        assertThat(pod.failure("no spaces.example.com").reason()).isEqualTo(Reason.INVALID);
        assertThat(pod.failure("a..b").reason()).isEqualTo(Reason.INVALID);
        assertThat(pod.failure("x".repeat(64) + ".example.com").reason()).isEqualTo(Reason.INVALID);
    }
}
