package link.ambassador.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class SerialRolloutTest {
    private static final ResourceID ONE = new ResourceID("one", "shop");
    private static final ResourceID TWO = new ResourceID("two", "shop");

    private final Set<ResourceID> living = new HashSet<>(List.of(ONE, TWO));
    private final AtomicLong now = new AtomicLong();
    private final SerialRollout turns = new SerialRollout(living::contains, now::get);

    @Test
    void oneGatewayHasTheTurnUntilItsDeploymentIsThrough() {
        assertThat(turns.take(ONE, deployment(1, 2, 0, 2))).isTrue();
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2))).isFalse();
        turns.passOn(ONE, deployment(2, 2, 1, 1));
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2)))
                .as("one pod is still to come")
                .isFalse();
        turns.passOn(ONE, deployment(2, 2, 2, 2));
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2))).isTrue();
    }

    @Test
    void aStatusOfAnOlderGenerationSaysNothing() {
        turns.take(ONE, deployment(1, 2, 0, 2));
        turns.passOn(ONE, deployment(1, 2, 2, 2));
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2))).isFalse();
    }

    @Test
    void oneThatGaveUpPassesTheTurnOn() {
        turns.take(ONE, deployment(1, 2, 0, 2));
        Deployment stuck = new DeploymentBuilder(deployment(2, 2, 1, 1))
                .editStatus()
                .addNewCondition()
                .withType("Progressing")
                .withStatus("False")
                .withReason("ProgressDeadlineExceeded")
                .endCondition()
                .endStatus()
                .build();
        turns.passOn(ONE, stuck);
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2))).isTrue();
    }

    @Test
    void oneThatIsDeletedLosesTheTurn() {
        turns.take(ONE, deployment(1, 2, 0, 2));
        living.remove(ONE);
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2))).isTrue();
    }

    @Test
    void onlyTheHolderPassesItOn() {
        turns.take(ONE, deployment(1, 2, 0, 2));
        turns.passOn(TWO, deployment(2, 2, 2, 2));
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2))).isFalse();
    }

    @Test
    void aStuckRolloutLosesItsTurnAfterTenMinutesAndIsReported() {
        turns.take(ONE, deployment(1, 2, 0, 2));
        assertThat(turns.slowHolder()).isEmpty();

        now.addAndGet(Duration.ofMinutes(2).toNanos());
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2))).isFalse();
        assertThat(turns.slowHolder()).contains(ONE);

        now.addAndGet(Duration.ofMinutes(8).toNanos());
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2))).isTrue();
        assertThat(turns.slowHolder()).isEmpty();
    }

    @Test
    void oneThatIsPausedTakesNoTurn() {
        assertThat(turns.take(ONE, paused(deployment(1, 2, 0, 2)))).isFalse();
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2))).isTrue();
    }

    @Test
    void oneThatIsPausedWhileItHasTheTurnPassesItOn() {
        turns.take(ONE, deployment(1, 2, 0, 2));
        turns.passOn(ONE, paused(deployment(2, 2, 1, 2)));
        assertThat(turns.take(TWO, deployment(1, 2, 0, 2))).isTrue();
    }

    private static Deployment paused(Deployment deployment) {
        return new DeploymentBuilder(deployment)
                .editSpec()
                .withPaused(true)
                .endSpec()
                .build();
    }

    private static Deployment deployment(long observed, int replicas, int updated, int available) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withGeneration(2L)
                .endMetadata()
                .withNewSpec()
                .withReplicas(2)
                .endSpec()
                .withNewStatus()
                .withObservedGeneration(observed)
                .withReplicas(replicas)
                .withUpdatedReplicas(updated)
                .withAvailableReplicas(available)
                .endStatus()
                .build();
    }
}
