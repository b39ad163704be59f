package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.HoldStatus;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Preflight;
import link.ambassador.config.Source;
import link.ambassador.config.Target;
import link.ambassador.config.WhenExpired;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.operator.gateway.GatewayCase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DesiredTableTest {
    private static final String TWO_LINKS =
            "links: [{listen: 1, targets: [{host: a, port: 1}]}, {listen: 2, targets: [{host: a, port: 2}]}]";

    @Test
    void theSmallestHasAllDefaultsOfTheTable() {
        assertThat(GatewayCase.table(GatewayCase.named("smallest").ambassador()).links())
                .containsExactly(Link.of("redis", 6379, List.of(new Target("192.168.1.52", 6379))));
    }

    @Test
    void theFullerSaysItAll() {
        assertThat(GatewayCase.table(GatewayCase.named("fuller").ambassador()).links())
                .containsExactly(
                        Link.builder(
                                        "db",
                                        5432,
                                        List.of(
                                                new Target("pg-a.eu.example.com", 5432),
                                                new Target("pg-b.us.example.com.", 5432)))
                                .connectTimeout(Duration.ofSeconds(2))
                                .idleTimeout(Optional.of(Duration.ofHours(1)))
                                .halfCloseTimeout(Duration.ofSeconds(90))
                                .maxConnections(OptionalInt.of(500))
                                .existingConnections(ExistingConnections.KEEP)
                                .drainTimeout(Duration.ofMillis(1500))
                                .build(),
                        Link.builder("orders-db", 80, List.of(new Target("pgadmin", 8080)))
                                .existingConnections(ExistingConnections.KEEP)
                                .drainTimeout(Duration.ofMillis(1500))
                                .build());
    }

    @Test
    void theSourceIsTheAmbassador() {
        LinkTable table = GatewayCase.table(GatewayCase.named("fuller").ambassador());

        assertThat(table.sources()).containsExactly(new Source("default", "orders-db", 7));
    }

    @Test
    void theRevisionIsEightHexadecimalDigits() {
        assertThat(GatewayCase.table(GatewayCase.named("smallest").ambassador()).revision())
                .hasValueSatisfying(revision -> assertThat(revision).matches("[0-9a-f]{8}"));
    }

    @Test
    void neitherTheGenerationNorThePlacementMovesTheRevision() {
        Ambassador scaled = ambassador(
                "{links: [{listen: 1, targets: [{host: a, port: 2}]}], placement: {gateway: {replicas: 5}}}");
        scaled.getMetadata().setGeneration(9L);

        assertThat(GatewayCase.table(scaled).revision())
                .isEqualTo(GatewayCase.table(ambassador("{links: [{listen: 1, targets: [{host: a, port: 2}]}]}"))
                        .revision());
    }

    @Test
    void fieldsOfANewerVersionAreNoMatter() {
        Ambassador newer = ambassador(
                "{links: [{listen: 1, targets: [{host: a, port: 2, zone: a}], tls: {}}], retarget: {speed: Slow}}");

        assertThat(GatewayCase.table(newer).links()).containsExactly(Link.of("redis", 1, List.of(new Target("a", 2))));
    }

    @Test
    void aHoldIsInNoTableBeforeItsStartIsStored() {
        Ambassador held = ambassador("{" + TWO_LINKS + ", hold: {timeout: 60s}}");
        assertThat(GatewayCase.table(held).links()).extracting(Link::hold).containsOnly(Optional.empty());

        held.setStatus(status("2026-11-30T15:20:00.250Z", null));
        assertThat(GatewayCase.table(held).links())
                .extracting(Link::hold)
                .containsOnly(Optional.of(Hold.of(Instant.parse("2026-11-30T15:20:00.250Z"), Duration.ofMinutes(1))));

        held.setStatus(status("2026-11-30T15:20:00.250Z", "2026-11-30T15:20:30Z"));
        assertThat(GatewayCase.table(held).links())
                .as("the status is about the hold before")
                .extracting(Link::hold)
                .containsOnly(Optional.empty());

        held.setStatus(status("yesterday", null));
        assertThat(GatewayCase.table(held).links()).extracting(Link::hold).containsOnly(Optional.empty());
    }

    @Test
    void aHoldIsOfTheLinksThatItNames() {
        Ambassador held = ambassador("{" + TWO_LINKS + ", hold: {links: [2], timeout: 5m, existingConnections: Close,"
                + " drainTimeout: 9s, whenExpired: Refuse, maxHeld: 7}}");
        held.setStatus(status("2026-11-30T15:20:00Z", null));

        assertThat(GatewayCase.table(held).links())
                .extracting(Link::hold)
                .containsExactly(
                        Optional.empty(),
                        Optional.of(new Hold(
                                Instant.parse("2026-11-30T15:20:00Z"),
                                Duration.ofMinutes(5),
                                WhenExpired.REFUSE,
                                7,
                                ExistingConnections.CLOSE,
                                Duration.ofSeconds(9))));
    }

    @Test
    void whatIsDoneWhenNoTargetAnswersIsOfEachLink() {
        Ambassador waiting = ambassador(
                "{links: [{listen: 1, targets: [{host: a, port: 1}], whenUnavailable: {action:"
                        + " Hold, timeout: 15s}}, {listen: 2, targets: [{host: a, port: 1}], whenUnavailable: {action: Refuse}}]}");

        assertThat(GatewayCase.table(waiting).links())
                .extracting(Link::whenUnavailable)
                .containsExactly(WhenUnavailable.hold(Duration.ofSeconds(15)), WhenUnavailable.REFUSE);
    }

    @Test
    void aPreflightIsOfEveryLink() {
        String links =
                "{links: [{listen: 1, targets: [{host: a, port: 1}]}, {listen: 2, targets: [{host: a, port: 1}]}]";
        assertThat(GatewayCase.table(ambassador(links + ", retarget: {preflight: {mode: Each, timeout: 2s}}}"))
                        .links())
                .extracting(Link::preflight)
                .containsOnly(Optional.of(Preflight.ofOwnTargets(Duration.ofSeconds(2))));
        assertThat(GatewayCase.table(ambassador(links + ", retarget: {preflight: {mode: None, timeout: 2s}}}")))
                .isEqualTo(GatewayCase.table(ambassador(links + "}")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {}                                                                    | spec.links is empty: it must be at least one link, with a listen port and its targets.
                    {links: []}                                                           | spec.links is empty: it must be at least one link, with a listen port and its targets.
                    {links: [{targets: [{host: a, port: 1}]}]}                            | spec.links[0].listen is missing: it must be given.
                    {links: [{listen: 70000, targets: [{host: a, port: 1}]}]}             | spec.links[0]: The listen port of link 'redis' is 70000: it must be a whole number from 1 to 65535.
                    {links: [{listen: 15990, targets: [{host: a, port: 1}]}]}             | spec.links[0].listen is 15990: it must be another port, because the relay's admin port is there.
                    {links: [{listen: 1, protocol: UDP, targets: [{host: a, port: 1}]}]}  | spec.links[0].protocol is UDP: it must be TCP, which is what this version of the operator knows.
                    {links: [{listen: 1}]}                                                | spec.links[0]: Link 'redis' on port 1 has 0 targets: it must have 1 to 16.
                    {links: [{listen: 1, targets: [{host: a, port: 1}, {port: 1}]}]}      | spec.links[0].targets[1].host is missing: it must be given.
                    {links: [{listen: 1, targets: [{host: a}]}]}                          | spec.links[0].targets[0].port is missing: it must be given.
                    {links: [{listen: 1, targets: [{host: '10.1', port: 1}]}]}            | spec.links[0].targets[0]: A target's host is '10.1': it must be an IP address without brackets or zone, or a DNS name.
                    {links: [{listen: 1, targets: [{host: a, port: 0}]}]}                 | spec.links[0].targets[0]: A target's port is 0: it must be a whole number from 1 to 65535.
                    {links: [{listen: 1, alias: A_B, targets: [{host: a, port: 1}]}]}     | spec.links[0]: An alias is 'A_B': it must be 1 to 63 lower-case letters, digits, '-' and '.', with a letter or digit at both ends.
                    {links: [{listen: 1, targets: [{host: a, port: 1}], idleTimeout: -1s}]} | spec.links[0].idleTimeout is '-1s': it must be a duration such as 500ms, 30s or 1h30m (units ms, s, m, h; no fractions), more than 0, at most 24h.
                    {links: [{listen: 1, targets: [{host: a, port: 1}], maxConnections: 0}]} | spec.links[0]: maxConnections is 0: it must be at least 1, or left out.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], retarget: {existingConnections: Splice}} | spec.retarget.existingConnections is Splice: it must be Keep, Drain or Close, which is what this version of the operator knows.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], retarget: {drainTimeout: 5 minutes}} | spec.retarget.drainTimeout is '5 minutes': it must be a duration such as 500ms, 30s or 1h30m (units ms, s, m, h; no fractions), more than 0, at most 24h.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], hold: {}} | spec.hold.timeout is missing: it must be given.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], hold: {timeout: 11m}} | spec.hold: The timeout of a hold is PT11M: it must be a duration from 1s to 10m, such as 60s.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], hold: {timeout: soon}} | spec.hold.timeout is 'soon': it must be a duration such as 500ms, 30s or 1h30m (units ms, s, m, h; no fractions), more than 0, at most 24h.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], hold: {timeout: 1m, links: [2]}} | spec.hold.links is 2: it must be a listen port of spec.links.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], hold: {timeout: 1m, whenExpired: Ask}} | spec.hold.whenExpired is Ask: it must be Release or Refuse, which is what this version of the operator knows.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], hold: {timeout: 1m, existingConnections: Ask}} | spec.hold.existingConnections is Ask: it must be Keep, Drain or Close, which is what this version of the operator knows.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], hold: {timeout: 1m, maxHeld: 0}} | spec.hold: maxHeld is 0: it must be at least 1.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], retarget: {preflight: {mode: Most}}} | spec.retarget.preflight.mode is Most: it must be None, Each or All, which is what this version of the operator knows.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}], retarget: {preflight: {mode: Each, timeout: 2m}}} | spec.retarget.preflight: The timeout of a preflight is PT2M: it must be a duration of more than 0 and at most 1m, such as 3s.
                    {links: [{listen: 1, targets: [{host: a, port: 1}], whenUnavailable: {action: Ask}}]} | spec.links[0].whenUnavailable.action is Ask: it must be Refuse or Hold, which is what this version of the operator knows.
                    {links: [{listen: 1, targets: [{host: a, port: 1}], whenUnavailable: {action: Hold}}]} | spec.links[0].whenUnavailable.timeout is missing: it must be given.
                    {links: [{listen: 1, targets: [{host: a, port: 1}], whenUnavailable: {action: Hold, timeout: 11m}}]} | spec.links[0].whenUnavailable: The timeout of whenUnavailable is PT11M: it must be a duration of more than 0 and at most 10m, such as 15s.
                    {links: [{listen: 1, targets: [{host: a, port: 1}]}, {listen: 1, targets: [{host: a, port: 1}]}]} | spec.links: Links 'redis' and 'redis' both listen on port 1: each must have a port of its own.
                    """)
    void whatCannotBecomeATableIsRefusedInASentence(String spec, String sentence) {
        assertThat(DesiredTable.of(ambassador(spec), CaBundles.NONE)).isEqualTo(new TableOutcome.Refused(sentence));
    }

    @Test
    void aResourceWithoutASpecIsRefusedToo() {
        Ambassador bare = ambassador("{}");
        bare.setSpec(null);

        assertThat(DesiredTable.of(bare, CaBundles.NONE)).isInstanceOf(TableOutcome.Refused.class);
    }

    private static AmbassadorStatus status(String startedAt, String releasedAt) {
        HoldStatus hold = new HoldStatus(startedAt, null, releasedAt, 0, 0, 0);
        return new AmbassadorStatus(1L, null, null, null, null, null, null, hold, null, null, null, null);
    }

    private static Ambassador ambassador(String spec) {
        return Serialization.unmarshal(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {namespace: shop, name: redis}
                spec: %s
                """
                        .formatted(spec),
                Ambassador.class);
    }
}
