package link.ambassador.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StagedLinksTest {
    private static final Link DB_A = Link.of("db", 5432, List.of(new Target("pg-a", 5432)));
    private static final Link DB_B = Link.of("db", 5432, List.of(new Target("pg-b", 5432)));
    private static final Link REDIS = Link.of("redis", 6379, List.of(new Target("redis", 6379)));
    private static final LinkTable TABLE = new LinkTable(
            Optional.of("r1"),
            List.of(new Source("shop", "db", 1)),
            List.of(DB_A, REDIS),
            Optional.of(new StagedLinks(Set.of("web-1"), List.of(DB_B))));

    @Test
    void aNamedPodServesTheStagedLinkInPlaceOfTheOneOnItsPort() {
        assertThat(TABLE.forPod(Optional.of("web-1")))
                .isEqualTo(new LinkTable(TABLE.revision(), TABLE.sources(), List.of(DB_B, REDIS)));
    }

    @Test
    void everyOtherPodServesTheLinksOfTheTable() {
        LinkTable others = new LinkTable(TABLE.revision(), TABLE.sources(), List.of(DB_A, REDIS));

        assertThat(TABLE.forPod(Optional.of("web-2"))).isEqualTo(others);
        assertThat(TABLE.forPod(Optional.empty())).isEqualTo(others);
    }

    @Test
    void aRelayThatDoesNotKnowStagesRejectsTheTable() {
        assertThat(TABLE.requires()).containsExactly(Feature.STAGED);
        assertThat(new String(LinkTableWriter.write(TABLE), java.nio.charset.StandardCharsets.UTF_8))
                .contains("\"requires\":[\"staged/1\"]");
    }

    @Test
    void moreNamesThanFitIntoAConfigMapAreRefused() {
        Set<String> pods = IntStream.rangeClosed(0, StagedLinks.MOST_PODS)
                .mapToObj(i -> "p" + i)
                .collect(Collectors.toSet());

        assertThatThrownBy(() -> new StagedLinks(pods, List.of())).hasMessageContaining("at most 4096");
    }
}
