package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;

class ShadowedServiceTest {
    private static final Link REDIS = Link.of("redis", 6379, List.of(new Target("redis-a", 6379)));

    @Test
    void aPortThatNoLinkCoversIsHiddenByTheName() {
        assertThat(shadowed(List.of("redis"), List.of(REDIS), Map.of("redis", Set.of(tcp(6379), tcp(26379)))))
                .containsExactly(new ShadowedService("redis", List.of(tcp(26379))));
    }

    @Test
    void aLinkCoversItsPortWhateverItsAlias() {
        Link sentinel = Link.of("sentinel", 26379, List.of(new Target("sentinel-a", 26379)));

        assertThat(shadowed(List.of("redis"), List.of(REDIS, sentinel), Map.of("redis", Set.of(tcp(6379), tcp(26379)))))
                .isEmpty();
    }

    @Test
    void aLinkCoversNoUdp() {
        ExposedPort udp = new ExposedPort(6379, "UDP");

        assertThat(shadowed(List.of("redis"), List.of(REDIS), Map.of("redis", Set.of(tcp(6379), udp, tcp(80)))))
                .containsExactly(new ShadowedService("redis", List.of(tcp(80), udp)))
                .extracting(ShadowedService::shown)
                .containsExactly("ports 80, 6379/UDP of the Service redis");
    }

    @Test
    void ofThousandsOfPortsTenAreTold() {
        Set<ExposedPort> many = IntStream.rangeClosed(1, 3000)
                .mapToObj(ShadowedServiceTest::tcp)
                .collect(Collectors.toSet());

        assertThat(shadowed(List.of("redis"), List.of(REDIS), Map.of("redis", many)))
                .extracting(ShadowedService::shown)
                .containsExactly("ports 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2990 more of the Service redis");
    }

    @Test
    void aServiceOfAnotherNameAndOneWithoutPortsAreNotHidden() {
        assertThat(shadowed(
                        List.of("redis", "headless"),
                        List.of(REDIS),
                        Map.of("other", Set.of(tcp(80)), "headless", Set.of())))
                .isEmpty();
    }

    private static List<ShadowedService> shadowed(
            List<String> names, List<Link> links, Map<String, Set<ExposedPort>> services) {
        return ShadowedService.of(names, links, name -> services.getOrDefault(name, Set.of()));
    }

    private static ExposedPort tcp(int port) {
        return new ExposedPort(port, ExposedPort.TCP);
    }
}
