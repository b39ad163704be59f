package link.ambassador.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.ThreadMXBean;
import io.fabric8.zjsonpatch.JsonPatch;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.PodSelector;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.TableOutcome;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The cost of a pod that is as large as the API server allows: anyone who can create pods chooses its lists. */
class LargePodsTest {
    private static final int TEN_THOUSAND = 10_000;

    private static final SidecarAmbassador REDIS = new SidecarAmbassador(
            "shop",
            "redis",
            "uid",
            Instant.EPOCH,
            new PodSelector(Map.of("app", "web"), List.of()),
            new TableOutcome.Table(LinkTable.of(List.of(Link.of("redis", 6379, List.of(new Target("redis-a", 1)))))));

    @ParameterizedTest
    @EnumSource
    void tenThousandOfAnythingCostAsMuchMemoryAsTheyHave(LargePod large) {
        JsonNode pod = large.of(TEN_THOUSAND);
        int bytes = pod.toString().getBytes(StandardCharsets.UTF_8).length;
        inject(large.of(1));

        long before = allocated();
        Injection injection = inject(pod);
        long allocated = allocated() - before;

        assertThat(injection.patch()).isPresent();
        assertThat(allocated).isLessThan(160L * bytes);
    }

    @ParameterizedTest
    @EnumSource
    void tenThousandOfAnythingAreStillThereAndInjectedOnce(LargePod large) {
        JsonNode pod = large.of(TEN_THOUSAND);

        JsonNode injected = JsonPatch.apply(inject(pod).patch().orElseThrow(), pod);

        assertThat(injected.path("spec").path("initContainers").findValuesAsText("name"))
                .contains("ambassador-relay");
        assertThat(inject(injected).patch()).isEmpty();
    }

    private static Injection inject(JsonNode pod) {
        return Injection.of(
                pod,
                new PodNamespace("shop", List.of(REDIS), NamespaceConstraints.NONE, service -> Set.of()),
                InjectionCase.RELAY_IMAGE);
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
