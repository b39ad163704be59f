package link.ambassador.relay.join;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BulkDetectorTest {
    private static final int LARGE = BulkDetector.LARGE_BYTES;
    private static final int SMALL = BulkDetector.LARGE_BYTES - 1;

    private final BulkDetector bulk = new BulkDetector();

    @Test
    void largeReadsInARowAreBulk() {
        read(LARGE, LARGE);
        assertThat(bulk.isBulk()).isFalse();
        read(LARGE);
        assertThat(bulk.isBulk()).isTrue();
    }

    @Test
    void aSmallReadInBetweenStartsTheCountAgain() {
        read(LARGE, LARGE, SMALL, LARGE, LARGE);
        assertThat(bulk.isBulk()).isFalse();
    }

    @Test
    void aSmallReadInBulkChangesNothing() {
        read(LARGE, LARGE, LARGE, SMALL, SMALL, LARGE, SMALL, SMALL);
        assertThat(bulk.isBulk()).isTrue();
    }

    @Test
    void smallReadsInARowEndIt() {
        read(LARGE, LARGE, LARGE, SMALL, SMALL, SMALL);
        assertThat(bulk.isBulk()).isFalse();
        read(LARGE, LARGE);
        assertThat(bulk.isBulk()).isFalse();
    }

    private void read(int... sizes) {
        for (int bytes : sizes) {
            bulk.read(bytes);
        }
    }
}
