package link.ambassador.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;

final class LoopGuardTest {
    private final LoopGuard loops = new LoopGuard("cluster.local");
    private final Gateway older = gateway("a", "b", 1);
    private final Gateway newer = gateway("b", "a", 2);

    @Test
    void ofTwoThatLeadToEachOtherOnlyTheFirstIsPermitted() {
        assertThat(loops.refusal(newer, List::of)).isEmpty();
        assertThat(loops.refusal(older, () -> List.of(newer))).isPresent();
    }

    @Test
    void whatWasSettledCountsNoMoreThanTheCachesSay() {
        loops.refusal(newer, List::of);
        loops.applied(newer.uid());
        assertThat(loops.refusal(older, () -> List.of(newer))).isEmpty();
    }

    /** Created at the given second, serving nothing yet. */
    private static Gateway gateway(String name, String target, long second) {
        List<Link> links = List.of(Link.of(name, 6379, List.of(new Target(target, 6379))));
        return new Gateway("shop", name, Instant.ofEpochSecond(second), name, name, Set.of(), links, List.of());
    }
}
