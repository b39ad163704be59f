package link.ambassador.operator.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import link.ambassador.config.Link;
import link.ambassador.config.Sha256;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;

class FormerTargetsTest {
    @Test
    void theyAreThoseFromBeforeTheNewestRetarget() {
        assertThat(former("b", retarget("a", "b", ""))).isEqualTo(Map.of(1, Set.of(name("a"))));
    }

    @Test
    void whenEveryRelayHadTheNewestRetargetThereAreNone() {
        assertThat(former("b", retarget("a", "b", "Converged"), retarget("z", "a", "")))
                .as("an edit of something else")
                .isEmpty();
    }

    @Test
    void aRetargetThatEveryRelayHadIsOver() {
        assertThat(former("c", retarget("b", "c", ""), retarget("a", "b", "Converged")))
                .isEqualTo(Map.of(1, Set.of(name("b"))));
    }

    @Test
    void aRelayMayHaveMissedARetargetThatWasOvertakenOrFailed() {
        for (String outcome : List.of("", "RolledBack", "Paused")) {
            assertThat(former(
                            "c", retarget("b", "c", ""), retarget("a", "b", outcome), retarget("z", "a", "Converged")))
                    .as(outcome)
                    .isEqualTo(Map.of(1, Set.of(name("a"), name("b"))));
        }
    }

    @Test
    void targetsThatAreBackWereNotComeToFromThoseOfAnEarlierRetarget() {
        assertThat(former("a", retarget("b", "a", ""), retarget("a", "b", ""), retarget("z", "a", "Converged"))
                        .get(1))
                .doesNotContain(name("z"));
    }

    @Test
    void onlyLinksWithOtherTargetsAreNamed() {
        Retarget second = new Retarget(
                2, links("a", "x"), links("a", "y"), "", Instant.EPOCH, Optional.empty(), Optional.empty());

        assertThat(FormerTargets.of(List.of(second), links("a", "y"))).contains(Map.of(2, Set.of(name("x"))));
    }

    @Test
    void aLinkThatIsGoneIsNotNamed() {
        Retarget removed =
                new Retarget(2, links("a", "x"), links("b"), "", Instant.EPOCH, Optional.empty(), Optional.empty());

        assertThat(FormerTargets.of(List.of(removed), links("b"))).contains(Map.of(1, Set.of(name("a"))));
    }

    @Test
    void aHistoryThatLacksTheNewestRetargetSaysNothing() {
        assertThat(FormerTargets.of(List.of(retarget("a", "b", "")), links("c")))
                .isEmpty();
        assertThat(FormerTargets.of(List.of(), links("c"))).isEmpty();
    }

    private static Map<Integer, Set<String>> former(String served, Retarget... newestFirst) {
        return FormerTargets.of(List.of(newestFirst), links(served)).orElseThrow();
    }

    private static Retarget retarget(String before, String after, String outcome) {
        return new Retarget(
                2,
                links(before),
                links(after),
                "",
                Instant.EPOCH,
                Optional.empty(),
                Optional.of(outcome).filter(word -> !word.isEmpty()));
    }

    /** Links that listen on 1, 2, and so on. */
    private static List<Link> links(String... hosts) {
        return Stream.iterate(1, listen -> listen + 1)
                .limit(hosts.length)
                .map(listen -> Link.of("redis", listen, targets(hosts[listen - 1])))
                .toList();
    }

    private static String name(String host) {
        return Sha256.of(targets(host));
    }

    private static List<Target> targets(String host) {
        return List.of(new Target(host, 6379));
    }
}
