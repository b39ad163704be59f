package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Candidate;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;
import link.ambassador.config.Preflight;
import link.ambassador.config.Source;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.model.PodTable.Why;
import org.junit.jupiter.api.Test;

class PodTableTest {
    private static final Map<String, String> WEB = Map.of("app", "web");

    private final SidecarAmbassador redis = ambassador("redis", "2026-01-01T00:00:00Z", "web", 6379);
    private final SidecarAmbassador db = ambassador("db", "2026-01-02T00:00:00Z", "web", 5432);

    @Test
    void aPodServesAllThatSelectItTheOlderFirst() {
        SidecarAmbassador others = ambassador("others", "2026-01-01T00:00:00Z", "api", 80);
        LinkTable table = table(db, others, redis).table();
        assertThat(table.links()).extracting(Link::listen).containsExactly(6379, 5432);
        assertThat(table.sources()).extracting(Source::name).containsExactly("redis", "db");
    }

    @Test
    void aPodThatNothingSelectsHasATableWithoutLinks() {
        assertThat(table().table().links()).isEmpty();
        assertThat(table().json()).contains("\"links\":[]");
    }

    @Test
    void itsJsonReadsBackAsTheTable() {
        PodTable made = table(redis, db);
        assertThat(LinkTableReader.read(made.json().getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(ParseResult.Accepted.class, reading -> assertThat(reading.table())
                        .isEqualTo(made.table()));
    }

    @Test
    void theRevisionSaysWhatTheLinksSayAndNotWhoSaysIt() {
        SidecarAmbassador recreated = ambassador("db", "2026-01-03T00:00:00Z", "web", 5432);
        assertThat(table(redis, recreated).table().revision())
                .isEqualTo(table(redis, db).table().revision());
        assertThat(table(redis).table().revision())
                .isNotEqualTo(table(redis, db).table().revision());
    }

    @Test
    void theOlderKeepsAPortThatTwoWant() {
        SidecarAmbassador newer = ambassador("cache", "2026-01-05T00:00:00Z", "web", 6379, 6380);
        PodTable made = table(newer, redis);
        assertThat(made.table().links()).extracting(Link::alias).containsExactly("redis", "cache");
        assertThat(made.leftOut())
                .extracting(
                        left -> left.by().name(),
                        left -> left.link().listen(),
                        left -> left.why(),
                        left -> left.holder().orElse(""))
                .containsExactly(tuple("cache", 6379, Why.CONFLICT, "redis"));
    }

    @Test
    void theNewerTakesThePortWhenTheOlderGoes() {
        SidecarAmbassador newer = ambassador("cache", "2026-01-05T00:00:00Z", "web", 6379);
        assertThat(table(newer).table().links()).extracting(Link::alias).containsExactly("cache");
    }

    @Test
    void whatDoesNotFitIsLeftOutTheNewestFirst() {
        PodTable both = table(redis, db);
        PodTable tight = PodTable.of(
                WEB,
                List.of(redis, db),
                new OlderRelay(Set.of(), Set.of(), Optional.empty()),
                both.json().length() - 1);
        assertThat(tight.table().links()).extracting(Link::alias).containsExactly("redis");
        assertThat(tight.json().length()).isLessThan(both.json().length());
        assertThat(tight.leftOut())
                .extracting(left -> left.by().name(), left -> left.why())
                .containsExactly(tuple("db", Why.TABLE_TOO_LARGE));
    }

    @Test
    void aTableIsFilledToItsLastByte() {
        PodTable all = table(redis, db);
        assertThat(PodTable.of(
                        WEB,
                        List.of(redis, db),
                        new OlderRelay(Set.of(), Set.of(), Optional.empty()),
                        all.json().length()))
                .isEqualTo(all);
    }

    @Test
    void aTableThatRequiresAFeatureSaysSoWithinItsBytes() {
        Link waiting = Link.builder("redis", 6379, List.of(new Target("redis-a", 6379)))
                .whenUnavailable(WhenUnavailable.hold(Duration.ofSeconds(15)))
                .build();
        SidecarAmbassador ambassador = new SidecarAmbassador(
                "default",
                "redis",
                redis.uid(),
                redis.createdAt(),
                redis.selector(),
                new TableOutcome.Table(LinkTable.of(List.of(waiting))));

        PodTable all = PodTable.of(
                WEB,
                List.of(ambassador),
                new OlderRelay(Set.of(Feature.HOLD), Set.of(), Optional.empty()),
                PodTable.MOST_BYTES);
        assertThat(all.json()).contains("\"requires\":[\"hold/1\"]");
        assertThat(PodTable.of(
                        WEB,
                        List.of(ambassador),
                        new OlderRelay(Set.of(Feature.HOLD), Set.of(), Optional.empty()),
                        all.json().length()))
                .isEqualTo(all);
        assertThat(PodTable.of(
                                WEB,
                                List.of(ambassador),
                                new OlderRelay(Set.of(Feature.HOLD), Set.of(), Optional.empty()),
                                all.json().length() - 1)
                        .leftOut())
                .extracting(PodTable.LeftOut::why)
                .containsExactly(Why.TABLE_TOO_LARGE);
    }

    @Test
    void whatAPodServesOfManyAmbassadorsAreTheOldest() {
        List<SidecarAmbassador> many = IntStream.range(0, 900)
                .mapToObj(number -> ambassador(
                        "x" + number,
                        "2026-01-01T00:%02d:%02dZ".formatted(number / 60, number % 60),
                        "web",
                        IntStream.range(0, 16)
                                .map(link -> 1 + number * 16 + link)
                                .toArray()))
                .toList();
        PodTable made =
                PodTable.of(WEB, many, new OlderRelay(Set.of(), Set.of(), Optional.empty()), PodTable.MOST_BYTES);
        assertThat(made.table().sources()).hasSize(64);
        assertThat(made.table().links()).last().extracting(Link::alias).isNotEqualTo("x64");
        assertThat(made.json().length()).isLessThanOrEqualTo(PodTable.MOST_BYTES);
        assertThat(made.table().links().size() + made.leftOut().size()).isEqualTo(64 * 16);
        assertThat(many)
                .filteredOn(made::isBeyond)
                .hasSize(900 - 64)
                .extracting(SidecarAmbassador::name)
                .contains("x64", "x899")
                .doesNotContain("x63");
        assertThat(made.leftOut(many.get(899))).hasSize(16).allSatisfy(left -> assertThat(left.why())
                .isEqualTo(Why.TOO_MANY_AMBASSADORS));
    }

    @Test
    void whatCannotBeUnderstoodKeepsTheLinksThatItMayHave() {
        SidecarAmbassador newerThanUs = new SidecarAmbassador(
                "default", "db", db.uid(), db.createdAt(), db.selector(), new TableOutcome.Refused("?"));
        LinkTable current = table(redis, db).table();
        PodTable made = PodTable.of(
                WEB,
                List.of(redis, newerThanUs),
                new OlderRelay(Set.of(), Set.of(), Optional.of(current)),
                PodTable.MOST_BYTES);
        assertThat(made.table().links()).extracting(Link::alias).containsExactlyInAnyOrder("redis", "db");
    }

    @Test
    void aLinkGoesWithItsAmbassador() {
        LinkTable current = table(redis, db).table();
        PodTable made = PodTable.of(
                WEB, List.of(redis), new OlderRelay(Set.of(), Set.of(), Optional.of(current)), PodTable.MOST_BYTES);
        assertThat(made.table().links()).extracting(Link::alias).containsExactly("redis");
    }

    @Test
    void aCandidateThatDoesNotFitLeavesEveryLinkAsItIs() {
        Link former = Link.of("redis", 6379, List.of(new Target("redis-a", 6379)));
        Link trying = former.toBuilder()
                .preflight(Optional.of(new Preflight(
                        Duration.ofSeconds(3),
                        Optional.of(new Candidate(
                                List.of(new Target("redis-b", 6379)), Optional.empty(), Optional.empty())))))
                .build();
        SidecarAmbassador older = new SidecarAmbassador(
                "shop",
                "redis",
                "uid-redis",
                Instant.EPOCH,
                db.selector(),
                new TableOutcome.Table(LinkTable.of(List.of(trying))));
        OlderRelay relay = new OlderRelay(EnumSet.allOf(Feature.class), Set.of(), Optional.empty());
        PodTable whole = PodTable.of(WEB, List.of(older, db), relay, PodTable.MOST_BYTES);
        assertThat(whole.table().links().get(0)).isEqualTo(trying);
        assertThat(whole.leftOut()).isEmpty();
        int bytes = whole.json().length();

        PodTable fitted = PodTable.of(WEB, List.of(older, db), relay, bytes - 10);
        assertThat(fitted.table().links().get(0)).isEqualTo(former);
        assertThat(fitted.table().links()).extracting(Link::listen).containsExactly(6379, 5432);
        assertThat(fitted.leftOut())
                .extracting(left -> left.by().name(), PodTable.LeftOut::why)
                .containsExactly(tuple("redis", Why.CANDIDATE_TOO_LARGE));
        assertThat(fitted.json().length()).isLessThanOrEqualTo(bytes - 10);
    }

    private static PodTable table(SidecarAmbassador... ambassadors) {
        return PodTable.of(
                WEB, List.of(ambassadors), new OlderRelay(Set.of(), Set.of(), Optional.empty()), PodTable.MOST_BYTES);
    }

    private static SidecarAmbassador ambassador(String name, String createdAt, String app, int... ports) {
        String links = IntStream.of(ports)
                .mapToObj(port -> "{listen: " + port + ", targets: [{host: up, port: " + port + "}]}")
                .collect(Collectors.joining(", "));
        Ambassador ambassador = Serialization.unmarshal(
                """
                metadata: {namespace: default, name: %s, uid: uid-%s, generation: 3, creationTimestamp: "%s"}
                spec:
                  placement: {sidecar: {selector: {matchLabels: {app: %s}}}}
                  links: [%s]
                """
                        .formatted(name, name, createdAt, app, links),
                Ambassador.class);
        return SidecarAmbassador.of(ambassador, CaBundles.NONE).orElseThrow();
    }
}
