package link.ambassador.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkVariablesTest {
    @Test
    void everyLinkVariableIsALinkByListenPort() {
        LinkVariables read = LinkVariables.read(Map.of(
                "REDIS_PORT_26379_TCP", "tcp://redis.example.com:26379",
                "REDIS_PORT_6379_TCP", "tcp://192.168.1.52:6380",
                "MY_DB_PORT_5432_TCP", "tcp://[::1]:5433"));

        assertThat(read.links())
                .containsExactly(
                        Link.of("my-db", 5432, List.of(new Target("::1", 5433))),
                        Link.of("redis", 6379, List.of(new Target("192.168.1.52", 6380))),
                        Link.of("redis", 26379, List.of(new Target("redis.example.com", 26379))));
        assertThat(read.refusals()).isEmpty();
    }

    @Test
    void whatTheKubeletAndDockerAddIsNoLink() {
        Map<String, String> environment = Map.of(
                "KUBERNETES_PORT_443_TCP", "tcp://10.0.0.1:443",
                "WEB_SERVICE_HOST", "10.0.0.7",
                "WEB_PORT_80_TCP", "tcp://10.0.0.7:80",
                "DNS_SERVICE_HOST", "fd00::7",
                "DNS_PORT_53_UDP", "udp://[fd00::7]:53",
                "REDIS_PORT_6379_TCP_ADDR", "10.0.0.9",
                "REDIS_PORT", "tcp://10.0.0.9:6379",
                "REDIS_NAME", "/web/redis",
                "REDIS_ENV_X_PORT_80_TCP", "tcp://10.0.0.8:80");

        assertThat(LinkVariables.read(environment))
                .isEqualTo(new LinkVariables(List.of(), List.of(), List.of(), List.of("REDIS_ENV_X_PORT_80_TCP")));
        assertThat(LinkVariables.anyIn(environment)).isFalse();
    }

    /** The variables of {@code docker run --link redis_ambassador:redis}. */
    @Test
    void linksOfALinkedContainerAreNoLinks() {
        LinkVariables read = LinkVariables.read(Map.of(
                "REDIS_NAME", "/web/redis",
                "REDIS_PORT_6379_TCP", "tcp://172.17.0.3:6379",
                "REDIS_ENV_REDIS_PORT_6379_TCP", "tcp://172.17.0.2:6379",
                "REDIS_ENV_DB_PORT_5432_TCP", "tcp://172.17.0.4:5432",
                "REDIS_ENV_DNS_PORT_53_UDP", "udp://172.17.0.5:53"));

        assertThat(read.links()).containsExactly(Link.of("redis", 6379, List.of(new Target("172.17.0.3", 6379))));
        assertThat(read.refusals()).isEmpty();
        assertThat(read.udp()).isEmpty();
        assertThat(read.inherited()).containsExactly("REDIS_ENV_DB_PORT_5432_TCP", "REDIS_ENV_REDIS_PORT_6379_TCP");
    }

    @Test
    void anAliasThatBeginsOrEndsWithEnvIsOne() {
        LinkVariables read =
                LinkVariables.read(Map.of("ENV_DB_PORT_1_TCP", "tcp://h:1", "TEST_ENV_PORT_2_TCP", "tcp://h:2"));

        assertThat(read.links()).extracting(Link::alias).containsExactly("env-db", "test-env");
    }

    /** Compose gives one container three names. */
    @Test
    void namesOfOneTargetAreOneLinkByTheShortestAlias() {
        LinkVariables read = LinkVariables.read(Map.of(
                "SHOP_REDIS_1_PORT_6379_TCP", "tcp://172.17.0.3:6379",
                "REDIS_1_PORT_6379_TCP", "tcp://172.17.0.3:6379",
                "REDIS_PORT_6379_TCP", "tcp://172.17.0.3:6379"));

        assertThat(read.links()).containsExactly(Link.of("redis", 6379, List.of(new Target("172.17.0.3", 6379))));
        assertThat(read.refusals()).isEmpty();
    }

    @Test
    void ofTwoAliasesOfOneLengthTheFirstInTheAlphabetIsTheLinks() {
        assertThat(LinkVariables.read(Map.of("B_PORT_1_TCP", "tcp://h:1", "A_PORT_1_TCP", "tcp://h:1"))
                        .links())
                .extracting(Link::alias)
                .containsExactly("a");
    }

    @Test
    void theSchemeIsOneInUpperCaseToo() {
        assertThat(LinkVariables.read(Map.of("REDIS_PORT_6379_TCP", "TCP://192.168.1.52:6379"))
                        .links())
                .containsExactly(Link.of("redis", 6379, List.of(new Target("192.168.1.52", 6379))));
    }

    @Test
    void aServiceOfTheSameNameDoesNotHideALinkToElsewhere() {
        Map<String, String> environment =
                Map.of("WEB_SERVICE_HOST", "10.0.0.7", "WEB_PORT_80_TCP", "tcp://10.9.9.9:80");

        assertThat(LinkVariables.read(environment).links()).hasSize(1);
        assertThat(LinkVariables.anyIn(environment)).isTrue();
    }

    @Test
    void aUdpLinkIsNotRelayedButNamed() {
        assertThat(LinkVariables.read(Map.of("DNS_PORT_53_UDP", "udp://10.0.0.9:53")))
                .isEqualTo(new LinkVariables(List.of(), List.of(), List.of("DNS_PORT_53_UDP"), List.of()));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "REDIS_PORT_6379_TCP, tcp://host, tcp://<host>:<port>",
                "REDIS_PORT_6379_TCP, tcp://host:70000, port is 70000",
                "REDIS_PORT_6379_TCP, tcp://host:0, port is 0",
                "REDIS_PORT_6379_TCP, udp://host:6379, tcp://<host>:<port>",
                "REDIS_PORT_6379_TCP, tcp://:6379, host is ''",
                "REDIS_PORT_6379_TCP, tcp://host:6379/x, tcp://<host>:<port>",
                "REDIS_PORT_6379_TCP, tcp://user@host:6379, host is 'user@host'",
                "REDIS_PORT_6379_TCP, tcp://::1:6379, tcp://<host>:<port>",
                "REDIS_PORT_6379_TCP, tcp://[host]:6379, IPv6",
                "REDIS_PORT_6379_TCP, tcp://192.168.1.256:6379, host is",
                "REDIS_PORT_6379_TCP, \"tcp://host:6379 \", tcp://<host>:<port>",
                "REDIS_PORT_6379_TCP, \"\", tcp://<host>:<port>",
                "REDIS_PORT_70000_TCP, tcp://host:6379, listen port 70000",
                "REDIS_PORT_0_TCP, tcp://host:6379, listen port 0",
                "REDIS_PORT_06379_TCP, tcp://host:6379, leading zeros",
                "_PORT_6379_TCP, tcp://host:6379, alias"
            })
    void aMalformedVariableIsRefusedByName(String name, String value, String why) {
        LinkVariables read = LinkVariables.read(Map.of(name, value));

        assertThat(read.links()).isEmpty();
        assertThat(read.refusals()).singleElement().satisfies(refusal -> {
            assertThat(refusal.variable()).isEqualTo(name);
            assertThat(refusal.sentence()).startsWith(name).contains(why);
        });
    }

    @Test
    void twoVariablesOnOneListenPortAreBothRefused() {
        LinkVariables read = LinkVariables.read(
                Map.of("A_PORT_1_TCP", "tcp://h:1", "B_PORT_1_TCP", "tcp://h:2", "B_PORT_2_TCP", "tcp://h:2"));

        assertThat(read.links()).extracting(Link::listen).containsExactly(2);
        assertThat(read.refusals())
                .containsExactly(
                        new LinkVariables.Refusal(
                                "A_PORT_1_TCP",
                                "A_PORT_1_TCP claims the listen port 1 for h:1, and B_PORT_1_TCP for h:2:"
                                        + " each target must have a port of its own"),
                        new LinkVariables.Refusal(
                                "B_PORT_1_TCP",
                                "B_PORT_1_TCP claims the listen port 1 for h:2, and A_PORT_1_TCP for h:1:"
                                        + " each target must have a port of its own"));
    }
}
