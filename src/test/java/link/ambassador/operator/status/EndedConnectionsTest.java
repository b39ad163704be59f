package link.ambassador.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import link.ambassador.config.LinkTable;
import link.ambassador.model.Placement;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import link.ambassador.operator.delivery.RetargetAnswer;
import org.junit.jupiter.api.Test;

class EndedConnectionsTest {
    private static final Map<Integer, Set<String>> FROM_A = Map.of(6379, Set.of("a"));

    @Test
    void itIsTheSumOverRelays() {
        assertThat(of(FROM_A, relay(link(6379, "a", 3, 0)), relay(link(6379, "a", 4, 5))))
                .contains(new EndedConnections(7, 5));
    }

    @Test
    void aLinkThatTheRetargetLeftDoesNotCount() {
        assertThat(of(FROM_A, relay(link(6379, "a", 3, 0), link(6380, "a", 9, 9))))
                .contains(new EndedConnections(3, 0));
    }

    @Test
    void everyLinkThatTheRetargetChangedCounts() {
        assertThat(of(
                        Map.of(6379, Set.of("a"), 6380, Set.of("x")),
                        relay(link(6379, "a", 3, 0), link(6380, "x", 9, 9))))
                .contains(new EndedConnections(12, 9));
    }

    @Test
    void aChangeFromOtherTargetsIsThatOfAnEarlierRetarget() {
        assertThat(of(FROM_A, relay(link(6379, "z", 37, 0)), relay(link(6379, "a", 1, 0))))
                .contains(new EndedConnections(1, 0));
    }

    @Test
    void aRelayThatStartedWithTheNewTargetsEndedNothing() {
        assertThat(of(FROM_A, relay(link(6379, "", 0, 0)))).contains(new EndedConnections(0, 0));
    }

    @Test
    void oneRelayThatDoesNotSayIsEnoughToSayNothing() {
        LinkAnswer older = new LinkAnswer("redis", 6379, true, "", List.of(), Optional.empty());

        assertThat(of(FROM_A, relay(link(6379, "a", 3, 0)), relay(older))).isEmpty();
    }

    @Test
    void anEditThatLeavesEveryTargetEndsNothing() {
        assertThat(of(Map.of(), relay(link(6379, "a", 3, 0)))).contains(new EndedConnections(0, 0));
    }

    @Test
    void onlyRelaysThatTookTheNewTargetsCount() {
        ObservedRelay waits = ObservedRelay.inStages(
                StatusFixture.pod("web-2"), sync(SyncState.ACKNOWLEDGED, link(6379, "a", 8, 8)), false);
        ObservedRelay behind =
                new ObservedRelay(StatusFixture.pod("web-3"), sync(SyncState.STALE, link(6379, "a", 8, 8)));

        assertThat(of(FROM_A, relay(link(6379, "a", 3, 0)), waits, behind)).contains(new EndedConnections(3, 0));
    }

    @Test
    void theLargestAnswersAddUp() {
        ObservedRelay[] relays = Stream.generate(() -> relay(link(6379, "a", 10_000_000, 10_000_000)))
                .limit(10_000)
                .toArray(ObservedRelay[]::new);

        assertThat(of(FROM_A, relays)).contains(new EndedConnections(100_000_000_000L, 100_000_000_000L));
    }

    private static Optional<EndedConnections> of(Map<Integer, Set<String>> formerTargets, ObservedRelay... relays) {
        return EndedConnections.of(
                new ObservedState(
                        new ObservedState.Reconcile("redis", 2, "1", StatusFixture.START, Optional.empty()),
                        Placement.SIDECAR,
                        Acceptance.ACCEPTED,
                        new ObservedState.Tables(Optional.empty(), Optional.<LinkTable>empty()),
                        relays.length,
                        List.of(relays),
                        Optional.empty(),
                        List.of(),
                        false),
                formerTargets);
    }

    private static ObservedRelay relay(LinkAnswer... links) {
        return new ObservedRelay(StatusFixture.pod("web-1"), sync(SyncState.ACKNOWLEDGED, links));
    }

    private static RelaySync sync(SyncState state, LinkAnswer... links) {
        return new RelaySync(
                state, "", Optional.of(new RelayStatus("1", Optional.of("r"), Optional.empty(), List.of(links))));
    }

    private static LinkAnswer link(int listen, String from, long drained, long reset) {
        return new LinkAnswer(
                "redis",
                listen,
                true,
                "",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(new RetargetAnswer(from, drained, reset)));
    }
}
