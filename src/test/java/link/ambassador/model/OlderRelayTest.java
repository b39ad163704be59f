package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;
import org.junit.jupiter.api.Test;

/** An older relay is never given what it would misunderstand. */
class OlderRelayTest {
    private static final Link REDIS = Link.of("redis", 6379, List.of(new Target("redis-a", 6379)));
    private static final Link DB = Link.of("db", 5432, List.of(new Target("pg-a", 5432)));
    private static final Link WAITING_DB = Link.builder("db", 5432, List.of(new Target("pg-b", 5432)))
            .whenUnavailable(WhenUnavailable.hold(Duration.ofSeconds(15)))
            .build();

    @Test
    void aLinkThatNeedsNothingIsServedAsItIs() {
        LinkTable wanted = table(REDIS, DB);

        assertThat(older(REDIS).served(wanted)).isSameAs(wanted);
    }

    @Test
    void aRelayThatKnowsTheFeatureServesTheLink() {
        LinkTable wanted = table(REDIS, WAITING_DB);

        assertThat(new OlderRelay(Set.of(Feature.HOLD), Set.of(), Optional.empty()).served(wanted))
                .isSameAs(wanted);
    }

    @Test
    void aLinkWhoseFeatureIsNotKnownStaysAsItWasAndTheOthersAreServed() {
        Link otherRedis = Link.of("redis", 6379, List.of(new Target("redis-b", 6379)));

        LinkTable served = older(REDIS, DB).served(table(otherRedis, WAITING_DB));

        assertThat(served.links()).containsExactly(otherRedis, DB);
        assertThat(served.revision()).isEqualTo(table(otherRedis, DB).revision());
    }

    @Test
    void aNewLinkWhoseFeatureIsNotKnownIsNotServed() {
        assertThat(older(REDIS).served(table(REDIS, WAITING_DB)).links()).containsExactly(REDIS);
    }

    @Test
    void anotherAliasOnThePortIsAnotherLink() {
        Link cache = Link.of("cache", 5432, List.of(new Target("cache", 5432)));

        assertThat(older(cache).served(WAITING_DB)).isEmpty();
    }

    @Test
    void aTableThatSomebodyEditedGivesTheRelayNothingThatItDoesNotKnow() {
        assertThat(older(WAITING_DB).served(WAITING_DB)).isEmpty();
    }

    private static OlderRelay older(Link... current) {
        return new OlderRelay(Set.of(), Set.of(), Optional.of(LinkTable.of(List.of(current))));
    }

    private static LinkTable table(Link... links) {
        return new LinkTable(Optional.of(DesiredTable.revision(List.of(links))), List.of(), List.of(links));
    }
}
