package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.RelayCounts;
import org.junit.jupiter.api.Test;

final class StatusMemoryTest {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

    private final StatusMemory memory = new StatusMemory();
    private final Ambassador ambassador = new Ambassador();

    StatusMemoryTest() {
        ambassador.getMetadata().setUid("1");
    }

    @Test
    void theFirstStatusIsWrittenAtOnce() {
        assertThat(memory.keep(ambassador, status("r1"), NOW)).contains(Duration.ZERO);
    }

    @Test
    void theNextOneWaitsForTheRestOfASecondAndIsRememberedMeanwhile() {
        memory.keep(ambassador, status("r1"), NOW);
        assertThat(memory.keep(ambassador, status("r2"), NOW.plusMillis(300))).contains(Duration.ofMillis(700));
        assertThat(memory.latest(ambassador)).isEqualTo(status("r2"));
        assertThat(memory.keep(ambassador, status("r3"), NOW.plusMillis(1000))).contains(Duration.ZERO);
    }

    @Test
    void whatTheResourceSaysAlreadyIsNotWritten() {
        ambassador.setStatus(status("r1"));
        assertThat(memory.keep(ambassador, status("r1"), NOW)).isEqualTo(Optional.empty());
    }

    @Test
    void aWriteThatFailedIsTriedAgainASecondLater() {
        memory.keep(ambassador, status("r1"), NOW);
        assertThat(memory.keep(ambassador, status("r1"), NOW.plusMillis(500))).contains(Duration.ofMillis(500));
        assertThat(memory.keep(ambassador, status("r1"), NOW.plusMillis(1000))).contains(Duration.ZERO);
    }

    @Test
    void afterARestartTheResourceIsWhatIsRemembered() {
        ambassador.setStatus(status("r1"));
        assertThat(memory.latest(ambassador)).isEqualTo(status("r1"));
    }

    @Test
    void whatIsGoneIsForgotten() {
        memory.keep(ambassador, status("r1"), NOW);
        memory.retain(uid -> false);
        assertThat(memory.latest(ambassador)).isNull();
    }

    private static AmbassadorStatus status(String revision) {
        return new AmbassadorStatus(1L, revision, null, RelayCounts.NONE, List.of(), null, List.of());
    }
}
