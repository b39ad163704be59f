package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Preflight;
import link.ambassador.config.StagedLinks;
import link.ambassador.config.Target;
import link.ambassador.config.Trust;
import link.ambassador.config.UpstreamProxyProtocol;
import link.ambassador.config.UpstreamProxyProtocol.Version;
import link.ambassador.config.UpstreamTls;
import org.junit.jupiter.api.Test;

/** The one table of a gateway's replicas during a staged retarget. */
class StagedTargetsTest {
    private static final Link DB_A = Link.of("db", 5432, List.of(new Target("pg-a", 5432)));
    private static final Link DB_B = Link.of("db", 5432, List.of(new Target("pg-b", 5432)));
    private static final Link REDIS = Link.of("redis", 6379, List.of(new Target("redis", 6379)));
    private static final LinkTable SPEC = DesiredTable.table(List.of(), List.of(DB_B, REDIS), Optional.empty());
    private static final Map<Integer, Link> BEFORE = Map.of(5432, DB_A, 6379, REDIS);
    private static final StagedTargets NOBODY = new StagedTargets("id", Optional.empty(), BEFORE);
    private static final Map<String, String> PODS =
            IntStream.range(0, 10).boxed().collect(Collectors.toMap(i -> "uid-" + i, i -> "pod-" + i));

    @Test
    void itNamesThePodsWhosePlacesHaveCome() {
        String third = PODS.keySet().stream()
                .map(uid -> StagedTargets.place(uid, "id"))
                .sorted()
                .toList()
                .get(2);
        StagedTargets staged = new StagedTargets("id", Optional.of(third), BEFORE);

        LinkTable table = staged.tableFor(SPEC, PODS);
        Set<String> moved = PODS.entrySet().stream()
                .filter(pod -> staged.hasNew(Optional.of(pod.getKey())))
                .map(Map.Entry::getValue)
                .collect(Collectors.toSet());
        assertThat(moved).hasSize(3);
        assertThat(table.links()).containsExactly(DB_A, REDIS);
        assertThat(table.staged()).contains(new StagedLinks(moved, List.of(DB_B)));
        assertThat(table.revision()).isNotEqualTo(SPEC.revision());
    }

    @Test
    void aLinkWithOtherTargetsIsStagedAsAWhole() {
        Link other = DB_B.toBuilder()
                .idleTimeout(Optional.of(Duration.ofHours(1)))
                .upstreamProxyProtocol(Optional.of(new UpstreamProxyProtocol(Version.V2, Set.of())))
                .build();
        assertThat(NOBODY.asBefore(List.of(other, REDIS))).containsExactly(DB_A, REDIS);
    }

    @Test
    void aLinkWhoseTargetsStayIsTheSameForEveryRelay() {
        Link longer =
                REDIS.toBuilder().idleTimeout(Optional.of(Duration.ofHours(1))).build();
        Link added = Link.of("mq", 5672, List.of(new Target("mq", 5672)));
        assertThat(NOBODY.asBefore(List.of(DB_B, longer, added))).containsExactly(DB_A, longer, added);
    }

    @Test
    void theAliasTheHoldAndTheRetargetPolicyAreForEveryRelay() {
        Link wanted = DB_B.toBuilder()
                .alias("orders")
                .existingConnections(ExistingConnections.CLOSE)
                .drainTimeout(Duration.ofSeconds(1))
                .hold(Optional.of(Hold.of(Instant.EPOCH, Duration.ofMinutes(1))))
                .preflight(Optional.of(Preflight.ofOwnTargets(Duration.ofSeconds(1))))
                .build();
        assertThat(NOBODY.asBefore(List.of(wanted)))
                .containsExactly(wanted.toBuilder().targets(DB_A.targets()).build());
    }

    @Test
    void aStatusRemembersWholeLinks() {
        Link whole =
                DB_A.toBuilder().idleTimeout(Optional.of(Duration.ofHours(1))).build();
        String text = StagedTargets.remembered(List.of(whole, REDIS)).orElseThrow();
        assertThat(StagedTargets.before(RolloutStatus.complete("id", 1, null, text)))
                .contains(Map.of(5432, whole, 6379, REDIS));
        for (String other : List.of("", "[]", "{\"links\":[]}", "nonsense")) {
            assertThat(StagedTargets.before(RolloutStatus.complete("id", 1, null, other)))
                    .isEmpty();
        }
    }

    @Test
    void aStatusRemembersNoLinksBeyondItsBound() {
        List<Link> links = IntStream.rangeClosed(1, 16)
                .mapToObj(port -> Link.of(
                        "x",
                        port,
                        IntStream.range(0, 16)
                                .mapToObj(i -> new Target(
                                        (char) ('a' + i) + "a".repeat(59) + ("." + "b".repeat(61)).repeat(3), 1))
                                .toList()))
                .toList();
        assertThat(StagedTargets.remembered(links.subList(0, 14))).isPresent();
        assertThat(StagedTargets.remembered(links)).isEmpty();

        Ambassador large = ambassador(links, "Staged");
        assertThat(DesiredTable.of(large, CaBundles.NONE))
                .isInstanceOfSatisfying(TableOutcome.Refused.class, refused -> assertThat(refused.sentence())
                        .contains("spec.retarget.rollout.type", "65536", "AllAtOnce"));
        assertThat(DesiredTable.of(ambassador(links, "AllAtOnce"), CaBundles.NONE))
                .isInstanceOf(TableOutcome.Table.class);
    }

    @Test
    void certificatesThatDoNotFitIntoOneTableAreRefused() {
        String half = CaCertificatesTest.pem("ca-a");
        String large = half.repeat(Trust.Bundle.MAX_PEM_LENGTH / half.length());
        Map<Integer, Link> before = Map.of(5432, trusting(DB_A, "a", large));
        LinkTable spec = DesiredTable.table(List.of(), List.of(trusting(DB_B, "b", half + half)), Optional.empty());
        StagedTargets first = new StagedTargets("id", Optional.of("8000000000000000"), before);

        assertThatThrownBy(() -> first.tableFor(spec, PODS))
                .isInstanceOfSatisfying(IllegalArgumentException.class, why -> assertThat(
                                StagedTargets.refusal(why).sentence())
                        .startsWith("spec.links, with the links from before the retarget: The bundles of a table have ")
                        .contains("in two edits"));
    }

    private static Link trusting(Link link, String name, String pem) {
        return link.toBuilder()
                .upstreamTls(Optional.of(new UpstreamTls(
                        new Trust.Bundles(List.of(new Trust.Bundle(name, pem))),
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        UpstreamTls.DEFAULT_NEGOTIATION,
                        UpstreamTls.DEFAULT_MIN_VERSION)))
                .build();
    }

    private static Ambassador ambassador(List<Link> links, String type) {
        String text = links.stream()
                .map(link -> "{listen: " + link.listen() + ", targets: ["
                        + link.targets().stream()
                                .map(target -> "{host: " + target.host() + ", port: 1}")
                                .collect(Collectors.joining(","))
                        + "]}")
                .collect(Collectors.joining(","));
        return Serialization.unmarshal(
                "metadata: {name: x, namespace: shop}\nspec: {links: [" + text + "], retarget: {rollout: {type: " + type
                        + ", staged: {steps: [{relays: 100%}]}}}}",
                Ambassador.class);
    }

    @Test
    void itNamesNobodyBeforeTheFirstStepAndAfterARollback() {
        assertThat(new StagedTargets("id", Optional.empty(), BEFORE).tableFor(SPEC, PODS))
                .isEqualTo(DesiredTable.table(List.of(), List.of(DB_A, REDIS), Optional.empty()));
    }

    @Test
    void itIsTheTableOfTheSpecInTheLastStepAlsoForPodsThatAreNotThereYet() {
        assertThat(new StagedTargets("id", Optional.of(StagedTargets.LAST_PLACE), BEFORE).tableFor(SPEC, PODS))
                .isEqualTo(SPEC);
    }

    @Test
    void podsThatDoNotKnowStagesMoveInTheLastStepOnly() {
        StagedTargets first = new StagedTargets("id", Optional.of("8000000000000000"), BEFORE).unlessForAll();
        StagedTargets last = new StagedTargets("id", Optional.of(StagedTargets.LAST_PLACE), BEFORE).unlessForAll();

        assertThat(PODS.keySet()).noneMatch(uid -> first.hasNew(Optional.of(uid)));
        assertThat(PODS.keySet()).allMatch(uid -> last.hasNew(Optional.of(uid)));
    }
}
