package link.ambassador.relay.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who gets the last file descriptors. */
final class FileDescriptorsTest {
    private static final int CONNECTION = FileDescriptors.PER_CONNECTION;

    private final FileDescriptors descriptors = new FileDescriptors(1024);
    private final FileDescriptors.Share hungry = link();
    private final FileDescriptors.Share modest = link();

    private FileDescriptors.Share link() {
        FileDescriptors.Share share = descriptors.share();
        share.join();
        return share;
    }

    @Test
    void aLinkThatTakesAllItCanLeavesAnEighthToTheOthers() {
        int hungryHas = takeAll(hungry);
        int modestHas = takeAll(modest);
        assertThat(modestHas).isGreaterThanOrEqualTo((hungryHas + modestHas) / 8 - CONNECTION);
        assertThat(hungry.take(CONNECTION)).isFalse();

        modest.giveBack(CONNECTION);
        assertThat(hungry.take(CONNECTION))
                .as("what comes free is not for who has more than its part")
                .isFalse();
        assertThat(modest.take(CONNECTION)).isTrue();
    }

    @Test
    void theOnlyLinkMayHaveAll() {
        modest.leave();
        int all = takeAll(hungry);
        assertThat(all).isBetween(1024 * 3 / 4, 1024);
        hungry.giveBack(CONNECTION);
        assertThat(hungry.take(CONNECTION)).isTrue();
    }

    @Test
    void listenersCount() {
        int before = takeAll(hungry) + takeAll(modest);
        giveBackAll(hungry, before);
        for (int i = 0; i < 300; i++) {
            assertThat(descriptors.takeForListener()).isTrue();
        }
        assertThat(takeAll(hungry)).isLessThan(before - 300);
    }

    @Test
    void moreListenersThanDescriptorsAreRefused() {
        int listeners = 0;
        while (descriptors.takeForListener()) {
            listeners++;
        }
        assertThat(listeners).isLessThan(1024 - 128);
        assertThat(hungry.take(CONNECTION)).isFalse();
        descriptors.listenerClosed();
        assertThat(descriptors.takeForListener()).isTrue();
    }

    @Test
    void withManyLinksEachHasOneConnectionAtLeast() {
        for (int i = 0; i < 2_000; i++) {
            link();
        }
        takeAll(hungry);
        assertThat(modest.take(CONNECTION)).isTrue();
        assertThat(modest.take(CONNECTION)).isFalse();
    }

    @Test
    void aSmallProcessHasFewPipes() {
        assertThat(new FileDescriptors(320).mostPipes()).isEqualTo(10);
        assertThat(new FileDescriptors(Long.MAX_VALUE).mostPipes()).isEqualTo(64);
    }

    private static int takeAll(FileDescriptors.Share share) {
        int taken = 0;
        while (share.take(CONNECTION)) {
            taken += CONNECTION;
        }
        return taken;
    }

    /** All that two took, one of them. */
    private static void giveBackAll(FileDescriptors.Share share, int descriptors) {
        share.giveBack(descriptors);
    }
}
