package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import org.junit.jupiter.api.Test;

class ReconcileTurnsTest {
    private static final ResourceID OTHERS = new ResourceID("redis", "shop");

    private final ReconcileTurns turns = new ReconcileTurns(2);

    @Test
    void aNamespaceThatHasItsPartKeepsNoOtherWaiting() {
        assertThat(turns.begin(evil(1))).isTrue();
        assertThat(turns.begin(evil(2))).isTrue();
        assertThat(turns.begin(evil(3))).isFalse();
        assertThat(turns.begin(OTHERS)).isTrue();
    }

    @Test
    void whoHasWaitedLongestIsTheNext() {
        turns.begin(evil(1));
        turns.begin(evil(2));
        turns.begin(evil(3));
        turns.begin(evil(4));
        turns.begin(evil(3));

        assertThat(turns.end(evil(1))).hasValue(evil(3));
        assertThat(turns.begin(evil(3))).isTrue();
        assertThat(turns.end(evil(2))).hasValue(evil(4));
        assertThat(turns.end(evil(3))).isEmpty();
    }

    @Test
    void whoCameToItsTurnByItselfWaitsNoMore() {
        turns.begin(evil(1));
        turns.begin(evil(2));
        turns.begin(evil(3));
        turns.begin(OTHERS);
        assertThat(turns.end(OTHERS)).isEmpty();
        assertThat(turns.end(evil(1))).hasValue(evil(3));
        turns.begin(evil(4));
        turns.begin(evil(3));
        assertThat(turns.end(evil(2))).hasValue(evil(3));
        assertThat(turns.begin(evil(3))).isTrue();
        assertThat(turns.end(evil(3))).isEmpty();
    }

    private static ResourceID evil(int number) {
        return new ResourceID("x" + number, "evil");
    }
}
