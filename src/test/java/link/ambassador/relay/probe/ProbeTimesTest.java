package link.ambassador.relay.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProbeTimesTest {
    @Test
    void intervalsAreUpToAFifthShorterOrLonger() {
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            long next = ProbeTimes.began(7, Duration.ofSeconds(10)).nextNanos(false, false) - 7;
            assertThat(Duration.ofNanos(next)).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(12));
            seen.add(next);
        }
        assertThat(seen).hasSizeGreaterThan(900);
    }

    @Test
    void aConnectionDoesNotWaitForALongInterval() {
        ProbeTimes times = ProbeTimes.began(7, Duration.ofHours(1));
        assertThat(times.nextNanos(true, false)).isEqualTo(7 + 500_000_000);
        assertThat(ProbeTimes.began(7, Duration.ofMillis(500)).nextNanos(true, false))
                .isLessThanOrEqualTo(7 + 500_000_000);
    }

    @Test
    void aTargetThatGaveAnotherAnswerIsSoonAskedAgain() {
        ProbeTimes times = ProbeTimes.began(7, Duration.ofSeconds(10));
        assertThat(times.nextNanos(false, true)).isEqualTo(7 + (times.nextNanos(false, false) - 7) / 5);
    }
}
