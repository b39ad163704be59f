package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SidecarLoopsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1", "::1", "::ffff:127.0.0.1", "0:0::1", "0.0.0.0", "::", "localhost", "a.LocalHost."})
    void aPortOfItsOwnOnTheLoopbackIsTheRelay(String host) {
        Link link = link(6379, host, 6379);

        assertThat(SidecarLoops.of(List.of(link), Set.of(6379)))
                .hasValueSatisfying(found -> assertThat(found.sentence())
                        .isEqualTo("Link 6379: the target " + new Target(host, 6379)
                                + " is where the relay in the pod itself listens"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "127.0.0.2", "redis", "localhost.shop", "notlocalhost", "redis-a.shop.svc"})
    void elsewhereIsSomebodyElse(String host) {
        assertThat(SidecarLoops.of(List.of(link(6379, host, 6379)), Set.of(6379)))
                .isEmpty();
    }

    @Test
    void anotherPortOfTheLoopbackIsTheApps() {
        assertThat(SidecarLoops.of(List.of(link(6380, "127.0.0.1", 6379)), Set.of(6380)))
                .isEmpty();
    }

    @Test
    void aCircleOfTwoLinksBeginsWithTheFirst() {
        Link there = link(1, "127.0.0.1", 2);
        Link back = link(2, "127.0.0.1", 1);

        assertThat(SidecarLoops.of(List.of(there, back), Set.of(1, 2)))
                .contains(new SidecarLoops(there, new Target("127.0.0.1", 2)));
    }

    private static Link link(int listen, String host, int port) {
        return Link.of("redis", listen, List.of(new Target("redis-a", port), new Target(host, port)));
    }
}
