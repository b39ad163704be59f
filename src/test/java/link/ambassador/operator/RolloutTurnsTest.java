package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RolloutTurnsTest {
    private static final ResourceID ONE = new ResourceID("one", "shop");
    private static final ResourceID TWO = new ResourceID("two", "shop");

    private final Set<ResourceID> living = new HashSet<>(List.of(ONE, TWO));
    private final RolloutTurns turns = new RolloutTurns(living::contains);

    @Test
    void oneGatewayHasTheTurnUntilItsDeploymentIsThrough() {
        assertThat(turns.take(ONE)).isTrue();
        assertThat(turns.take(TWO)).isFalse();
        turns.passOn(ONE, deployment(2, 2, 1, 1));
        assertThat(turns.take(TWO)).as("one pod is still to come").isFalse();
        turns.passOn(ONE, deployment(2, 2, 2, 2));
        assertThat(turns.take(TWO)).isTrue();
    }

    @Test
    void aStatusOfAnOlderGenerationSaysNothing() {
        turns.take(ONE);
        turns.passOn(ONE, deployment(1, 2, 2, 2));
        assertThat(turns.take(TWO)).isFalse();
    }

    @Test
    void oneThatGaveUpPassesTheTurnOn() {
        turns.take(ONE);
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
        assertThat(turns.take(TWO)).isTrue();
    }

    @Test
    void oneThatIsDeletedLosesTheTurn() {
        turns.take(ONE);
        living.remove(ONE);
        assertThat(turns.take(TWO)).isTrue();
    }

    @Test
    void onlyTheHolderPassesItOn() {
        turns.take(ONE);
        turns.passOn(TWO, deployment(2, 2, 2, 2));
        assertThat(turns.take(TWO)).isFalse();
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
