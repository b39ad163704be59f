package link.ambassador.relay;

import static link.ambassador.relay.IdleTrimmer.Reclaim.BUFFERS;
import static link.ambassador.relay.IdleTrimmer.Reclaim.BUFFERS_AND_HEAP;
import static link.ambassador.relay.IdleTrimmer.Reclaim.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class IdleTrimmerTest {
    private static final long START = 6 << 20;
    private static final long GROWN = START + IdleTrimmer.GROWTH_BYTES;
    private static final long MUCH = IdleTrimmer.LITTLE_BYTES;

    private final IdleTrimmer trimmer = new IdleTrimmer(START);

    @Test
    void isGivenBackOnceAfterALoad() {
        assertThat(trimmer.sample(MUCH, GROWN)).isEqualTo(NOTHING);
        assertThat(trimmer.sample(MUCH + 1, GROWN)).isEqualTo(BUFFERS_AND_HEAP);
        assertThat(trimmer.sample(MUCH + 1, GROWN)).isEqualTo(NOTHING);
    }

    @Test
    void isKeptWhileMuchMoves() {
        for (long work = MUCH; work < 5 * MUCH; work += MUCH) {
            assertThat(trimmer.sample(work, GROWN)).isEqualTo(NOTHING);
        }
    }

    @Test
    void isKeptWhereThereWasNoLoad() {
        assertThat(trimmer.sample(MUCH - 1, GROWN)).isEqualTo(NOTHING);
        assertThat(trimmer.sample(MUCH - 1, GROWN)).isEqualTo(NOTHING);
    }

    @Test
    void needsNoCollectionWhenTheHeapDidNotGrow() {
        assertThat(trimmer.sample(MUCH, GROWN)).isEqualTo(NOTHING);
        assertThat(trimmer.sample(MUCH, GROWN - 1)).isEqualTo(BUFFERS);
    }
}
