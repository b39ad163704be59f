package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class HeapAtRestTest {
    private static final long START = 6 << 20;
    private static final long GROWN = START + HeapAtRest.GROWTH_BYTES;

    private final HeapAtRest heap = new HeapAtRest(START);

    @Test
    void isCollectedOnceAfterALoad() {
        assertThat(heap.isDue(HeapAtRest.LITTLE_BYTES, GROWN)).isFalse();
        assertThat(heap.isDue(HeapAtRest.LITTLE_BYTES + 1, GROWN)).isTrue();
        assertThat(heap.isDue(HeapAtRest.LITTLE_BYTES + 1, GROWN)).isFalse();
    }

    @Test
    void isLeftAloneWhileMuchMoves() {
        for (long work = HeapAtRest.LITTLE_BYTES; work < 5 * HeapAtRest.LITTLE_BYTES; work += HeapAtRest.LITTLE_BYTES) {
            assertThat(heap.isDue(work, GROWN)).isFalse();
        }
    }

    @Test
    void isLeftAloneWhenItDidNotGrow() {
        assertThat(heap.isDue(HeapAtRest.LITTLE_BYTES, GROWN)).isFalse();
        assertThat(heap.isDue(HeapAtRest.LITTLE_BYTES, GROWN - 1)).isFalse();
    }
}
