package link.ambassador.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import link.ambassador.config.Link;
import link.ambassador.config.LinkVariables;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkEnvironmentTest {
    private static final List<Link> LINKS = List.of(link("redis", 6379), link("my-redis", 6380), link("redis", 80));

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRelayReadsTheVariablesAsTheLinks(boolean aliasPort) {
        LinkEnvironment environment = LinkEnvironment.of(LINKS, aliasPort, 1, new ArrayList<>());

        LinkVariables read = LinkVariables.read(environment.of("web"));

        assertThat(read.links()).containsExactlyInAnyOrderElementsOf(LINKS);
        assertThat(read.refusals()).isEmpty();
    }

    @Test
    void aPodOfManyContainersIsNotMadeTooLargeToBeStored() {
        List<Link> links = IntStream.range(0, 300)
                .mapToObj(i -> link("a".repeat(50) + i, 1000 + i))
                .toList();
        List<String> warnings = new ArrayList<>();

        LinkEnvironment environment = LinkEnvironment.of(links, false, 20, warnings);

        int bytes = environment.of("web").entrySet().stream()
                .mapToInt(variable ->
                        variable.getKey().length() + variable.getValue().length())
                .sum();
        assertThat(20 * bytes).isLessThan(256 * 1024);
        assertThat(environment.links())
                .isNotEmpty()
                .isEqualTo(links.subList(0, environment.links().size()));
        assertThat(warnings).hasSize(300 - environment.links().size());
    }

    private static Link link(String alias, int listen) {
        return Link.of(alias, listen, List.of(new Target("127.0.0.1", listen)));
    }
}
