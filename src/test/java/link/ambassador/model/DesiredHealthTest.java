package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Cidr;
import link.ambassador.config.Credential;
import link.ambassador.config.DownstreamProxyProtocol;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Failover;
import link.ambassador.config.Feature;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Link;
import link.ambassador.config.UpstreamProxyProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Health checks, failover and the PROXY protocol, from the spec into the table. */
class DesiredHealthTest {
    private static final String TARGETS = "targets: [{host: redis-a, port: 6379}, {host: redis-b, port: 6379}]\n";

    @Test
    void everythingThatTheSpecSaysIsInTheTable() {
        Link link = link(
                TARGETS
                        + """
                        healthCheck:
                          type: Exchange
                          port: 6380
                          exchange:
                            steps:
                            - {send: "AUTH %s\\r\\n", expect: +OK}
                            - {expect: "role:master"}
                            credentialRef: {name: redis-auth, key: password}
                          probe: Always
                          interval: 500ms
                          timeout: 250ms
                          unhealthyThreshold: 3
                          healthyThreshold: 4
                        failover: {selection: FirstAvailable, failback: 5m, existingConnections: Drain, whenNoneHealthy: TryAll}
                        upstreamProxyProtocol: {version: V2, tlvs: [PodIdentity, UniqueID]}
                        downstreamProxyProtocol: {trustedSources: [10.0.0.0/8, "2001:db8::/32"]}
                        """);

        assertThat(link.healthCheck())
                .contains(new HealthCheck(
                        new HealthCheck.Exchange(
                                List.of(
                                        new HealthCheck.Step("AUTH %s\r\n", "+OK"),
                                        new HealthCheck.Step("", "role:master")),
                                Optional.of(new Credential("redis-auth", "password"))),
                        OptionalInt.of(6380),
                        HealthCheck.Probing.ALWAYS,
                        Duration.ofMillis(500),
                        Duration.ofMillis(250),
                        3,
                        4));
        assertThat(link.failover())
                .contains(new Failover(
                        Failover.Selection.FIRST_AVAILABLE,
                        List.of(),
                        new Failover.Failback(Optional.of(Duration.ofMinutes(5))),
                        ExistingConnections.DRAIN,
                        Failover.WhenNoneHealthy.TRY_ALL));
        assertThat(link.upstreamProxyProtocol())
                .contains(new UpstreamProxyProtocol(
                        UpstreamProxyProtocol.Version.V2,
                        Set.of(UpstreamProxyProtocol.Tlv.UNIQUE_ID, UpstreamProxyProtocol.Tlv.POD_IDENTITY)));
        assertThat(link.downstreamProxyProtocol())
                .contains(new DownstreamProxyProtocol(List.of(
                        Cidr.parse("10.0.0.0/8").orElseThrow(),
                        Cidr.parse("2001:db8::/32").orElseThrow())));
        assertThat(link.features()).containsExactlyInAnyOrder(Feature.HEALTH, Feature.PROXY_OUT, Feature.PROXY_IN);
        assertThat(link.credentials()).containsExactly("redis-auth/password");
        assertThat(link.certificates()).isEmpty();
    }

    @Test
    void whatTheSpecLeavesOutHasTheDefaultsOfALink() {
        Link tcp = link(TARGETS + "healthCheck: {type: TCP}\nupstreamProxyProtocol: {}");
        assertThat(tcp.healthCheck()).contains(HealthCheck.of(new HealthCheck.Tcp()));
        assertThat(tcp.failover()).contains(Failover.of(new HealthCheck.Tcp()));
        assertThat(tcp.upstreamProxyProtocol())
                .contains(new UpstreamProxyProtocol(UpstreamProxyProtocol.Version.V2, Set.of()));

        Link http = link(TARGETS + "healthCheck: {type: HTTP, http: {path: /primary}}\nfailover: {failback: Never}");
        assertThat(http.healthCheck().map(HealthCheck::check)).contains(new HealthCheck.Http("/primary", List.of(200)));
        assertThat(http.failover().map(Failover::whenNoneHealthy)).contains(Failover.WhenNoneHealthy.REFUSE);

        Link plain = link(TARGETS);
        assertThat(plain.healthCheck()).isEmpty();
        assertThat(plain.features()).isEmpty();
    }

    @Test
    void aTargetWithoutAWeightHasOne() {
        Link link = link(
                """
                targets: [{host: redis-a, port: 6379, weight: 9}, {host: redis-b, port: 6379}]
                healthCheck: {type: TCP}
                failover: {selection: Weighted}
                """);

        assertThat(link.failover().map(Failover::weights)).contains(List.of(9, 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    healthCheck: {type: Redis}                                     | spec.links[0].healthCheck.type is Redis
                    healthCheck: {type: HTTP}                                      | spec.links[0].healthCheck.http is missing
                    healthCheck: {type: HTTP, http: {path: primary}}               | The path of a health check is 'primary'
                    healthCheck: {type: Exchange, exchange: {steps: [{}]}}         | spec.links[0].healthCheck.exchange.steps[0].expect is missing
                    healthCheck: {type: TCP, probe: Sometimes}                     | spec.links[0].healthCheck.probe is Sometimes
                    healthCheck: {type: TCP, interval: 1ms}                        | The interval of a health check
                    healthCheck: {type: TCP, healthyThreshold: 17}                 | healthyThreshold is 17
                    failover: {failback: Never}                                    | spec.links[0].healthCheck is missing
                    upstreamProxyProtocol: {version: V3}                           | spec.links[0].upstreamProxyProtocol.version is V3
                    upstreamProxyProtocol: {version: V1, tlvs: [UniqueID]}         | has no TLVs
                    upstreamProxyProtocol: {tlvs: [Name]}                          | spec.links[0].upstreamProxyProtocol.tlvs is Name
                    downstreamProxyProtocol: {trustedSources: [lb]}                | spec.links[0].downstreamProxyProtocol.trustedSources[0] is lb
                    downstreamProxyProtocol: {}                                    | trustedSources is missing
                    """)
    void whatThisVersionDoesNotUnderstandIsRefusedWithItsPlace(String yaml, String sentence) {
        assertThat(outcome(TARGETS + yaml))
                .isInstanceOfSatisfying(TableOutcome.Refused.class, refused -> assertThat(refused.sentence())
                        .contains(sentence));
    }

    @Test
    void aKeyThatThePoliciesDoNotLetTheOperatorMountIsRefused() {
        String exchange =
                """
                healthCheck:
                  type: Exchange
                  exchange: {steps: [{send: "AUTH %s", expect: +OK}], credentialRef: {name: redis-auth, key: token}}
                """;

        assertThat(outcome(TARGETS + exchange))
                .isInstanceOfSatisfying(TableOutcome.Refused.class, refused -> assertThat(refused.sentence())
                        .contains("credentialRef is 'redis-auth/token'", "with \"pass\" in it"));
    }

    @Test
    void theTableNamesThePasswordAndThePodMountsIt() {
        assertThat(
                        outcome(
                                TARGETS
                                        + """
                                healthCheck:
                                  type: Exchange
                                  exchange: {steps: [{send: "AUTH %s", expect: +OK}], credentialRef: {name: redis-auth, key: password}}
                                """))
                .isInstanceOfSatisfying(TableOutcome.Table.class, table -> assertThat(table.credentials())
                        .containsExactly("redis-auth/password"));
    }

    private static Link link(String yaml) {
        return ((TableOutcome.Table) outcome(yaml)).table().links().get(0);
    }

    private static TableOutcome outcome(String link) {
        Ambassador ambassador = Serialization.unmarshal(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {namespace: shop, name: redis}
                spec:
                  links:
                  - listen: 6379
                """
                        + link.indent(4),
                Ambassador.class);
        return DesiredTable.of(ambassador, CaBundles.NONE);
    }
}
