package link.ambassador.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingTest {
    @Test
    void aStepTakesNoLongerThanTheBuildSays() {
        assertThat(Training.longestStep("86400")).isEqualTo(Duration.ofDays(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "10m", "86401", "99999999999"})
    void aBoundThatIsNoNumberOfSecondsIsRefused(String seconds) {
        assertThatThrownBy(() -> Training.longestStep(seconds))
                .hasMessage("training.seconds is '" + seconds + "': it must be a whole number from 1 to 86400");
    }
}
