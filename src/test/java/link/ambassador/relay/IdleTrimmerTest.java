package link.ambassador.relay;

import static link.ambassador.relay.IdleTrimmer.GiveBack.BUFFERS;
import static link.ambassador.relay.IdleTrimmer.GiveBack.BUFFERS_AND_HEAP;
import static link.ambassador.relay.IdleTrimmer.GiveBack.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class IdleTrimmerTest {
    private static final long START = 6 << 20;
    private static final long GROWN = START + IdleTrimmer.GROWTH_BYTES;
    private static final long MUCH = IdleTrimmer.LITTLE_BYTES;

    private final IdleTrimmer memory = new IdleTrimmer(START);

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
