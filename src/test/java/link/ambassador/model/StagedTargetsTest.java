package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.StagedLinks;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;

/** The one table of a gateway's replicas during a staged retarget. */
class StagedTargetsTest {
    private static final Link DB_A = Link.of("db", 5432, List.of(new Target("pg-a", 5432)));
    private static final Link DB_B = Link.of("db", 5432, List.of(new Target("pg-b", 5432)));
    private static final Link REDIS = Link.of("redis", 6379, List.of(new Target("redis", 6379)));
    private static final LinkTable SPEC = DesiredTable.table(List.of(), List.of(DB_B, REDIS), Optional.empty());
    private static final Map<Integer, List<Target>> BEFORE = Map.of(5432, DB_A.targets(), 6379, REDIS.targets());
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
