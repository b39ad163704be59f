package link.ambassador.operator.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import link.ambassador.operator.delivery.RelayStatus.HoldAnswer;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import org.junit.jupiter.api.Test;

final class RelayStatusTest {
    @Test
    void aTableThatIsServedOnEveryPortIsAcknowledged() throws Exception {
        RelayStatus answer = parse(
                """
                {"version":"1.2.3","applied":{"revision":"r1"},"rejected":null,"links":[
                 {"alias":"redis","listen":6379,"state":"listening","listeners":[{"address":"[::]:6379","error":null}],
                  "targets":[{"host":"fd00::1","port":6379,"lastResult":"ok","lastError":null}]}]}
                """);
        assertThat(answer.version()).isEqualTo("1.2.3");
        assertThat(answer.links().get(0).targets().get(0).target()).isEqualTo("[fd00::1]:6379");
        assertThat(RelaySync.of(answer, "r1").state()).isEqualTo(SyncState.ACKNOWLEDGED);
        assertThat(RelaySync.of(answer, "r2").state()).isEqualTo(SyncState.STALE);
        assertThat(RelaySync.of(answer, "r2").sentence()).isEqualTo("serves revision r1");
    }

    @Test
    void whatARelayTellsOfTheHealthOfATargetIsRead() throws Exception {
        RelayStatus answer = parse(
                """
                {"applied":{"revision":"r1"},"links":[{"listen":6379,"state":"listening","targets":[
                 {"host":"redis-a","port":6379,"health":{"state":"unhealthy","inUse":false,"error":"redis-a:6379: refused\\n"},
                  "hint":"redis-a:6379 closed\\u0007 early"},
                 {"host":"redis-b","port":6379,"health":{"state":"healthy","inUse":true,"error":null},"hint":null},
                 {"host":"redis-c","port":6379,"health":null},
                 {"host":"redis-d","port":6379,"health":{"state":7}}]}]}
                """);

        assertThat(answer.links().get(0).targets())
                .extracting(RelayStatus.TargetAnswer::health)
                .containsExactly(
                        Optional.of(new RelayStatus.HealthAnswer("unhealthy", false, "redis-a:6379: refused")),
                        Optional.of(new RelayStatus.HealthAnswer("healthy", true, "")),
                        Optional.empty(),
                        Optional.empty());
        assertThat(answer.links().get(0).targets())
                .extracting(RelayStatus.TargetAnswer::hint)
                .containsExactly("redis-a:6379 closed\\u0007 early", "", "", "");
        assertThat(answer.isChecking()).isTrue();
        assertThat(parse("{}").isChecking()).isFalse();
    }

    @Test
    void aPortThatCannotBeBoundIsAnErrorAlthoughTheTableIsApplied() throws Exception {
        RelayStatus answer = parse(
                """
                {"applied":{"revision":"r1"},"links":[{"alias":"redis","listen":6379,"state":"error",
                 "error":"cannot listen on [::]:6379: Address already in use","targets":[]}]}
                """);
        assertThat(RelaySync.of(answer, "r1").state()).isEqualTo(SyncState.ERROR);
        assertThat(RelaySync.of(answer, "r1").sentence()).contains("Address already in use");
    }

    @Test
    void aPortThatWasNotTriedYetIsNoError() throws Exception {
        RelayStatus answer = parse(
                """
                {"applied":{"revision":"r1"},"links":[{"listen":6379,"state":"opening","error":null,"targets":[]}]}
                """);
        assertThat(RelaySync.of(answer, "r1").state()).isEqualTo(SyncState.STALE);
    }

    @Test
    void aTableThatWasRefusedIsAnErrorWithTheRelaysOwnSentence() throws Exception {
        RelayStatus answer = parse(
                """
                {"applied":{"revision":"r1"},"rejected":{"revision":"r2","error":"links[0].listen: found 0"},"links":[]}
                """);
        assertThat(RelaySync.of(answer, "r2").state()).isEqualTo(SyncState.ERROR);
        assertThat(RelaySync.of(answer, "r2").sentence()).isEqualTo("rejected the table: links[0].listen: found 0");
        assertThat(RelaySync.of(answer, "r1").state()).isEqualTo(SyncState.ACKNOWLEDGED);
    }

    @Test
    void aLinkThatKeepsItsFormerTargetsIsNotAcknowledged() throws Exception {
        RelayStatus dialling = preflight("false", "dialling", "null");
        assertThat(RelaySync.of(dialling, "r1").state()).isEqualTo(SyncState.DIALLING);
        assertThat(RelaySync.of(dialling, "r1").sentence()).isEqualTo("dials pg-b:5432 before connections go there");

        RelayStatus kept = preflight("false", "unreachable", "\"pg-b:5432: connection refused\"");
        assertThat(RelaySync.of(kept, "r1").state()).isEqualTo(SyncState.KEPT);
        assertThat(RelaySync.of(kept, "r1").sentence())
                .isEqualTo("keeps the former targets of port 5432: pg-b:5432: connection refused");
        assertThat(RelaySync.of(kept, "r2").state()).isEqualTo(SyncState.STALE);

        assertThat(RelaySync.of(preflight("false", "reachable", "null"), "r1").state())
                .isEqualTo(SyncState.ACKNOWLEDGED);
        assertThat(RelaySync.of(preflight("true", "unreachable", "null"), "r1").state())
                .as("a candidate, which the link does not have")
                .isEqualTo(SyncState.ACKNOWLEDGED);
    }

    private static RelayStatus preflight(String candidate, String state, String error) throws JsonProcessingException {
        return parse(
                """
                {"applied":{"revision":"r1"},"links":[{"listen":5432,"state":"listening","targets":[],
                 "preflight":{"host":"pg-b","port":5432,"candidate":%s,"state":"%s","error":%s,"dials":1}}]}
                """
                        .formatted(candidate, state, error));
    }

    @Test
    void anOlderRelayDoesNotSayWhatARetargetDid() throws Exception {
        assertThat(retarget("")).isEmpty();
        assertThat(retarget(",\"retarget\":null")).contains(new RetargetAnswer("", 0, 0));
        assertThat(retarget(",\"retarget\":{\"from\":\"5f0c2a9e\",\"drained\":12,\"reset\":3}"))
                .contains(new RetargetAnswer("5f0c2a9e", 12, 3));
    }

    @Test
    void whatIsNoNumberOfConnectionsIsWithinBounds() throws Exception {
        assertThat(retarget(",\"retarget\":{\"from\":7,\"drained\":-1,\"reset\":1e300}"))
                .contains(new RetargetAnswer("7", 0, 10_000_000));
        assertThat(retarget(",\"retarget\":[12]")).isEmpty();
    }

    private static Optional<RetargetAnswer> retarget(String field) throws JsonProcessingException {
        return parse("{\"links\":[{\"listen\":5432,\"state\":\"listening\"" + field + "}]}")
                .links()
                .get(0)
                .retarget();
    }

    @Test
    void aHoldIsReadWithWhatBecomesOfItsConnections() throws Exception {
        RelayStatus answer = parse(
                """
                {"applied":{"revision":"r1"},"links":[{"listen":6379,"state":"listening","targets":[],
                 "connections":{"open":12,"held":5,"draining":7},
                 "hold":{"startedAt":"2026-11-30T15:20:00.250Z","state":"holding","held":5,"heldTotal":9,"longestWaitMillis":4200}},
                 {"listen":6380,"state":"listening","targets":[],"connections":{"open":12,"held":0},
                 "hold":{"startedAt":"2026-11-30T15:20:00.250Z","state":"removed","held":0,"heldTotal":9,"longestWaitMillis":4200}},
                 {"listen":6381,"state":"listening","targets":[],"hold":null}]}
                """);
        Instant startedAt = Instant.parse("2026-11-30T15:20:00.250Z");
        assertThat(answer.links())
                .extracting(RelayStatus.LinkAnswer::hold)
                .containsExactly(
                        Optional.of(new HoldAnswer(startedAt, "holding", 5, 7, 9, Duration.ofMillis(4_200))),
                        Optional.of(new HoldAnswer(startedAt, "removed", 0, 0, 9, Duration.ofMillis(4_200))),
                        Optional.empty());
        assertThat(answer.isHolding()).isTrue();
    }

    @Test
    void numbersOfAHoldThatNoRelayCanHaveAreBounded() throws Exception {
        RelayStatus answer = parse(
                """
                {"links":[{"listen":6379,"connections":{"open":-3,"held":9223372036854775807},
                 "hold":{"startedAt":"2026-11-30T15:20:00Z","state":"holding","held":9223372036854775807,"heldTotal":-1,
                  "longestWaitMillis":1e300}},
                 {"listen":6380,"hold":{"startedAt":"+1000000000-12-31T23:59:59Z","state":"holding"}},
                 {"listen":6381,"hold":{"startedAt":7,"state":"holding"}},
                 {"listen":6382,"hold":"holding"}]}
                """);
        assertThat(answer.links())
                .extracting(RelayStatus.LinkAnswer::hold)
                .containsExactly(
                        Optional.of(new HoldAnswer(
                                Instant.parse("2026-11-30T15:20:00Z"),
                                "holding",
                                10_000_000,
                                0,
                                0,
                                Duration.ofSeconds(10_000))),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
    }

    @Test
    void aRelayThatHasNoTableYetIsBehind() throws Exception {
        RelayStatus answer = parse("{\"applied\":null,\"links\":[]}");
        assertThat(RelaySync.of(answer, "r1").sentence()).isEqualTo("serves no table yet");
    }

    @Test
    void theCertificatesOfARelayAreReadUpToABound() throws Exception {
        assertThat(parse(
                                """
                                {"links":[],"certificates":[{"name":"a","notAfter":null,"error":"tls.key is missing"},
                                 {"name":"b","notAfter":"2026-12-30T15:20:00Z","error":null}]}
                                """)
                        .certificates())
                .containsExactly(
                        new RelayStatus.CertificateAnswer("a", "tls.key is missing"),
                        new RelayStatus.CertificateAnswer("b", ""));
        String many = "{\"name\":\"a\",\"error\":null}" + ",{\"name\":\"a\",\"error\":null}".repeat(99);
        assertThat(parse("{\"links\":[],\"certificates\":[" + many + "]}").certificates())
                .hasSize(32);
    }

    /** Relays of 0.1's first builds say {@code inUse} and {@code passedOver} where later ones say {@code active} and {@code ejected}. */
    @Test
    void aRelayThatNamesItsTargetsHealthAsBeforeIsReadTheSame() throws Exception {
        String now =
                "{\"version\":\"0.1\",\"applied\":{\"revision\":\"r1\"},\"links\":[{\"alias\":\"db\",\"listen\":5432,"
                        + "\"state\":\"listening\",\"targets\":[{\"host\":\"a\",\"port\":1,\"active\":true,\"ejected\":false,"
                        + "\"lastResult\":\"ok\"}]}]}";

        assertThat(parse(now.replace("active", "inUse").replace("ejected", "passedOver")))
                .isEqualTo(parse(now));
        assertThat(RelaySync.of(parse(now), "r1").state()).isEqualTo(SyncState.ACKNOWLEDGED);
    }

    @Test
    void whatIsNotUnderstoodIsPassedOver() throws Exception {
        assertThat(parse("[]").links()).isEmpty();
        assertThat(parse("{\"links\":{\"a\":1},\"applied\":\"r1\"}").appliedRevision())
                .isEmpty();
    }

    private static RelayStatus parse(String json) throws JsonProcessingException {
        return RelayStatusReader.read(new ObjectMapper().readTree(json));
    }
}
