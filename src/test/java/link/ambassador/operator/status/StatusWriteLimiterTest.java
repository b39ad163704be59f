package link.ambassador.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.RelayCounts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StatusWriteLimiterTest {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");

    private final StatusWriteLimiter memory = new StatusWriteLimiter();
    private final Ambassador ambassador = new Ambassador();

    StatusWriteLimiterTest() {
        ambassador.getMetadata().setUid("1");
    }

    @Test
    void theFirstStatusIsWrittenAtOnce() {
        assertThat(memory.keep(ambassador, status("r1"), NOW)).contains(Duration.ZERO);
    }

    @Test
    void aConditionThatTurnsIsWrittenAtOnce() {
        memory.keep(ambassador, status("r1", "Propagating", 0), NOW);
        assertThat(memory.keep(ambassador, status("r1", "Acknowledged", 1), NOW.plusMillis(300)))
                .contains(Duration.ZERO);
    }

    @Test
    void progressWaitsForTheRestOfASecondAndIsRememberedMeanwhile() {
        memory.keep(ambassador, status("r1", "Propagating", 0), NOW);
        AmbassadorStatus progress = status("r1", "Propagating", 7);
        assertThat(memory.keep(ambassador, progress, NOW.plusMillis(300))).contains(Duration.ofMillis(700));
        assertThat(memory.latest(ambassador)).isEqualTo(progress);
        assertThat(memory.keep(ambassador, progress, NOW.plusMillis(1000))).contains(Duration.ZERO);
    }

    @Test
    void theEndOfALongRetargetIsWrittenAtOnce() {
        memory.keep(ambassador, status("r1", "Propagating", 0), NOW);
        for (int millis = 100; millis < 30_000; millis += 100) {
            memory.keep(ambassador, status("r1", "Propagating", millis), NOW.plusMillis(millis));
        }
        assertThat(memory.keep(ambassador, status("r1", "Acknowledged", 1), NOW.plusSeconds(30)))
                .contains(Duration.ZERO);
    }

    /** With one write a second there were 61. */
    @ParameterizedTest
    @ValueSource(ints = {1, 20, 300})
    void aStormOfAMinuteIsNoMoreWritesThanOneASecond(int everyMillis) {
        int writes = 0;
        for (int millis = 0; millis <= 60_000; millis += everyMillis) {
            AmbassadorStatus turned = status("r" + millis, millis % 2 == 0 ? "Propagating" : "Acknowledged", millis);
            if (memory.keep(ambassador, turned, NOW.plusMillis(millis))
                    .filter(Duration::isZero)
                    .isPresent()) {
                writes++;
            }
        }
        assertThat(writes).isBetween(50, 61);
    }

    @Test
    void aClockThatIsPutBackKeepsNoStatusFromBeingWritten() {
        memory.keep(ambassador, status("r1"), NOW);
        assertThat(memory.keep(ambassador, status("r2"), NOW.minusSeconds(3600)))
                .contains(Duration.ZERO);
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
        return status(revision, "Propagating", 0);
    }

    private static AmbassadorStatus status(String revision, String converged, int acknowledged) {
        return new AmbassadorStatus(
                1L,
                revision,
                null,
                new RelayCounts(100_000, 100_000, acknowledged, 0, 0, 0),
                null,
                List.of(),
                null,
                null,
                null,
                null,
                null,
                List.of(new ConditionBuilder()
                        .withType("Converged")
                        .withReason(converged)
                        .build()));
    }
}
