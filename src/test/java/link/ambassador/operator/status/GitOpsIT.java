package link.ambassador.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.operator.delivery.RelayStatus.TargetAnswer;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What tools that deploy make of an Ambassador in each state: kstatus by its own library, Argo CD by our script in Debian's Lua. An *IT for
 * the programs alone.
 */
class GitOpsIT {
    private static final String ON_ITS_WAY = "InProgress Progressing";
    private static final String CANNOT_ARRIVE = "Failed Degraded";
    private static final String ARRIVED = "Current Healthy";

    /** States by name, and what both make of them. */
    private static final Map<String, String> EXPECTED = new LinkedHashMap<>();

    private static final Map<String, Supplier<Ambassador>> STATES = new LinkedHashMap<>();

    static {
        state("never reconciled", ON_ITS_WAY, () -> {
            Ambassador created = ambassador(new StatusFixture());
            // The default of the definition; AmbassadorApplyIT sees it.
            created.setStatus(
                    new AmbassadorStatus(-1L, null, null, null, null, null, null, null, null, null, null, null));
            return created;
        });
        state("edited again since", ON_ITS_WAY, () -> {
            Ambassador edited = ambassador(converged());
            edited.getMetadata().setGeneration(edited.getMetadata().getGeneration() + 1);
            return edited;
        });
        state("no relay is ready", ON_ITS_WAY, () -> ambassador(new StatusFixture().reconcile()));
        state("some relays lag", ON_ITS_WAY, () -> ambassador(lagging(Duration.ofSeconds(1))));
        state("some relays lag for 31 s", CANNOT_ARRIVE, () -> ambassador(lagging(Duration.ofSeconds(31))));
        state("all relays have it", ARRIVED, () -> ambassador(converged()));
        state(
                "a target cannot be reached",
                ARRIVED,
                () -> ambassador(converged()
                        .relay(
                                StatusFixture.pod("a"),
                                RelaySync.of(
                                        StatusFixture.answer(
                                                "r1",
                                                new TargetAnswer(
                                                        "redis-a:6379", Optional.of("refused"), "connection refused")),
                                        "r1"))
                        .reconcile()));
        state(
                "a relay cannot listen",
                CANNOT_ARRIVE,
                () -> ambassador(new StatusFixture().relay("a", SyncState.ERROR).reconcile()));
        state(
                "a relay cannot be polled",
                CANNOT_ARRIVE,
                () -> ambassador(new StatusFixture()
                        .relay("a", SyncState.UNREACHABLE)
                        .reconcile()
                        .after(Duration.ofSeconds(31))
                        .reconcile()));
        state(
                "it is not accepted",
                CANNOT_ARRIVE,
                () -> ambassador(converged()
                        .otherGeneration()
                        .acceptance(new Acceptance(ConditionReason.CONFLICT, "port 6379 belongs to another"))
                        .reconcile()));
        state(
                "no pod is selected",
                ARRIVED,
                () -> ambassador(new StatusFixture().sidecars(0).reconcile()));
    }

    private static void state(String name, String expected, Supplier<Ambassador> state) {
        EXPECTED.put(name, expected);
        STATES.put(name, state);
    }

    private static StatusFixture converged() {
        return new StatusFixture()
                .relay("a", SyncState.ACKNOWLEDGED)
                .relay("b", SyncState.ACKNOWLEDGED)
                .reconcile();
    }

    private static StatusFixture lagging(Duration time) {
        return converged()
                .retarget(StatusFixture.table("r2", "redis-b"))
                .relay("b", SyncState.STALE)
                .reconcile()
                .after(time)
                .reconcile();
    }

    private static Ambassador ambassador(StatusFixture scene) {
        Ambassador ambassador = new Ambassador();
        ambassador.getMetadata().setName("redis");
        ambassador.getMetadata().setNamespace("shop");
        ambassador.getMetadata().setGeneration(scene.observed().reconcile().generation());
        ambassador.setStatus(scene.status);
        return ambassador;
    }

    @TempDir
    private Path directory;

    @Test
    void toolsThatDeployKnowWhenAnEditHasArrived() throws Exception {
        Path kstatus = Path.of(run("", "src/test/cluster/kstatus/build").strip());
        run("", "src/test/debian-packages", "lua5.4=lua5.4");
        Path lua = Files.writeString(
                directory.resolve("health.lua"),
                "return function(obj)\n" + Files.readString(Path.of("kubernetes/gitops/argocd-health.lua"))
                        + "\nend\n");
        Map<String, String> found = new LinkedHashMap<>();
        for (Map.Entry<String, Supplier<Ambassador>> state : STATES.entrySet()) {
            Ambassador ambassador = state.getValue().get();
            String words = run(Serialization.asJson(ambassador).replace("\n", "") + "\n", kstatus.toString());
            Path program = Files.writeString(
                    directory.resolve("state.lua"),
                    "local health = dofile('" + lua + "')(" + LuaTable.of(ambassador) + ")\n"
                            + "assert(#health.message > 0)\nprint(health.status)\n");
            found.put(
                    state.getKey(),
                    words.split(" ", 2)[0] + " "
                            + run("", "lua5.4", program.toString()).strip());
        }

        assertThat(found).isEqualTo(EXPECTED);
    }

    private static String run(String stdin, String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        process.getOutputStream().write(stdin.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(List.of(command) + ": " + output).isZero();
        return output;
    }

    /** An object as Lua writes it. */
    private static final class LuaTable {
        private LuaTable() {}

        static String of(Ambassador ambassador) {
            return value(Serialization.unmarshal(Serialization.asJson(ambassador), Map.class));
        }

        private static String value(Object value) {
            if (value instanceof Map<?, ?> map) {
                StringBuilder table = new StringBuilder("{");
                map.forEach((key, entry) -> table.append("[\"")
                        .append(key)
                        .append("\"]=")
                        .append(value(entry))
                        .append(','));
                return table.append('}').toString();
            }
            if (value instanceof List<?> list) {
                StringBuilder table = new StringBuilder("{");
                list.forEach(entry -> table.append(value(entry)).append(','));
                return table.append('}').toString();
            }
            return value instanceof String text
                    ? '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"'
                    : Optional.ofNullable(value).map(Object::toString).orElse("nil");
        }
    }
}
