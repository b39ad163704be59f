package link.ambassador.webhook.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How often the API server is asked while a tenant creates pods without end. */
class ListBudgetTest {
    private long now;
    private final ListBudget budget = new ListBudget(() -> now);

    @Test
    void aNamespaceHasAHundredAtOnceAndThenTwentyASecond() {
        assertThat(asked("shop", 1000)).isEqualTo(100);
        now += Duration.ofSeconds(1).toNanos();
        assertThat(asked("shop", 1000)).isEqualTo(20);
    }

    @Test
    void anotherNamespaceKeepsItsPart() {
        asked("shop", 1000);

        assertThat(asked("orders", 50)).isEqualTo(50);
    }

    @Test
    void allTogetherHaveTwoHundredAtOnceAndThenAHundredASecond() {
        assertThat(IntStream.range(0, 5000).map(i -> asked("shop-" + i, 1)).sum())
                .isEqualTo(200);
        now += Duration.ofSeconds(1).toNanos();
        assertThat(IntStream.range(0, 5000).map(i -> asked("more-" + i, 1)).sum())
                .isEqualTo(100);
    }

    @Test
    void sixteenAreOnTheirWayAtMost() {
        for (int i = 0; i < 16; i++) {
            assertThat(budget.begins("shop")).isTrue();
        }
        assertThat(budget.begins("shop")).isFalse();
        budget.ended();
        assertThat(budget.begins("shop")).isTrue();
    }

    private int asked(String namespace, int times) {
        int begun = 0;
        for (int i = 0; i < times; i++) {
            if (budget.begins(namespace)) {
                begun++;
                budget.ended();
            }
        }
        return begun;
    }
}
