package link.ambassador.relay;

import static link.ambassador.relay.MemoryAtRest.GiveBack.BUFFERS;
import static link.ambassador.relay.MemoryAtRest.GiveBack.BUFFERS_AND_HEAP;
import static link.ambassador.relay.MemoryAtRest.GiveBack.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MemoryAtRestTest {
    private static final long START = 6 << 20;
    private static final long GROWN = START + MemoryAtRest.GROWTH_BYTES;
    private static final long MUCH = MemoryAtRest.LITTLE_BYTES;

    private final MemoryAtRest memory = new MemoryAtRest(START);

    @Test
    void isGivenBackOnceAfterALoad() {
        assertThat(memory.look(MUCH, GROWN)).isEqualTo(NOTHING);
        assertThat(memory.look(MUCH + 1, GROWN)).isEqualTo(BUFFERS_AND_HEAP);
        assertThat(memory.look(MUCH + 1, GROWN)).isEqualTo(NOTHING);
    }

    @Test
    void isKeptWhileMuchMoves() {
        for (long work = MUCH; work < 5 * MUCH; work += MUCH) {
            assertThat(memory.look(work, GROWN)).isEqualTo(NOTHING);
        }
    }

    @Test
    void isKeptWhereThereWasNoLoad() {
        assertThat(memory.look(MUCH - 1, GROWN)).isEqualTo(NOTHING);
        assertThat(memory.look(MUCH - 1, GROWN)).isEqualTo(NOTHING);
    }

    @Test
    void needsNoCollectionWhenTheHeapDidNotGrow() {
        assertThat(memory.look(MUCH, GROWN)).isEqualTo(NOTHING);
        assertThat(memory.look(MUCH, GROWN - 1)).isEqualTo(BUFFERS);
    }
}
