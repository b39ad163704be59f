package link.ambassador.relay.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How the last file descriptors are shared out. */
final class FileDescriptorsTest {
    private static final int CONNECTION = FileDescriptors.PER_CONNECTION;

    private final FileDescriptors descriptors = new FileDescriptors(1024);
    private final FileDescriptors.Share hungry = link();
    private final FileDescriptors.Share modest = link();

    private FileDescriptors.Share link() {
        FileDescriptors.Share share = descriptors.share();
        share.enterTable();
        return share;
    }

    @Test
    void aLinkThatTakesAllItCanLeavesAnEighthToTheOthers() {
        int hungryHas = takeAll(hungry);
        int modestHas = takeAll(modest);
        assertThat(modestHas).isGreaterThanOrEqualTo((hungryHas + modestHas) / 8 - CONNECTION);
        assertThat(hungry.acquire(CONNECTION)).isFalse();

        modest.release(CONNECTION);
        assertThat(hungry.acquire(CONNECTION))
                .as("what comes free is not for who has more than its part")
                .isFalse();
        assertThat(modest.acquire(CONNECTION)).isTrue();
    }

    @Test
    void theOnlyLinkMayHaveAll() {
        modest.leaveTable();
        int all = takeAll(hungry);
        assertThat(all).isBetween(1024 * 3 / 4, 1024);
        hungry.release(CONNECTION);
        assertThat(hungry.acquire(CONNECTION)).isTrue();
    }

    @Test
    void listenersCount() {
        int before = takeAll(hungry) + takeAll(modest);
        giveBackAll(hungry, before);
        for (int i = 0; i < 300; i++) {
            assertThat(descriptors.acquireForListener()).isTrue();
        }
        assertThat(takeAll(hungry)).isLessThan(before - 300);
    }

    @Test
    void moreListenersThanDescriptorsAreRefused() {
        int listeners = 0;
        while (descriptors.acquireForListener()) {
            listeners++;
        }
        assertThat(listeners).isLessThan(1024 - 128);
        assertThat(hungry.acquire(CONNECTION)).isFalse();
        descriptors.listenerClosed();
        assertThat(descriptors.acquireForListener()).isTrue();
    }

    @Test
    void withManyLinksEachHasOneConnectionAtLeast() {
        for (int i = 0; i < 2_000; i++) {
            link();
        }
        takeAll(hungry);
        assertThat(modest.acquire(CONNECTION)).isTrue();
        assertThat(modest.acquire(CONNECTION)).isFalse();
    }

    @Test
    void aSmallProcessHasFewPipes() {
        assertThat(new FileDescriptors(320).maxPipes()).isEqualTo(10);
        assertThat(new FileDescriptors(Long.MAX_VALUE).maxPipes()).isEqualTo(64);
    }

    private static int takeAll(FileDescriptors.Share share) {
        int taken = 0;
        while (share.acquire(CONNECTION)) {
            taken += CONNECTION;
        }
        return taken;
    }

    /** One of two links takes all that both could. */
    private static void giveBackAll(FileDescriptors.Share share, int descriptors) {
        share.release(descriptors);
    }
}
