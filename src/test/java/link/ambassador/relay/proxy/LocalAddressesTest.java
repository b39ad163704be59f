package link.ambassador.relay.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LocalAddressesTest {
    private final InetAddress first = address(1);
    private final InetAddress later = address(2);
    private final Queue<Runnable> worker = new ArrayDeque<>();
    private Set<InetAddress> machine = Set.of(first);
    private int reads;
    private final LocalAddresses addresses = LocalAddresses.of(worker::add, () -> {
        reads++;
        return machine;
    });

    @Test
    void loopbackNeedsNoList() {
        assertThat(addresses.contains(InetAddress.getLoopbackAddress())).isTrue();
        assertThat(reads).isZero();
    }

    @Test
    void manyCallsMakeOneList() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(addresses.contains(first)).isTrue();
            assertThat(addresses.contains(later)).isFalse();
        }
        assertThat(reads).isOne();
    }

    @Test
    void aLaterAddressIsFoundByAListOnAnotherThread() {
        assertThat(addresses.contains(later)).isFalse();
        machine = Set.of(first, later);

        await().until(() -> {
            assertThat(addresses.contains(later)).isFalse();
            return !worker.isEmpty();
        });
        assertThat(worker).hasSize(1);
        assertThat(reads).isOne();
        worker.remove().run();

        assertThat(addresses.contains(later)).isTrue();
    }

    @Test
    void addressesOfThisMachineAreFound() throws Exception {
        LocalAddresses system = LocalAddresses.ofSystem(Runnable::run);
        assertThat(NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses))
                .allMatch(system::contains);
        assertThat(system.contains(first)).isFalse();
    }

    /** An address that no machine has (RFC 5737). */
    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) last});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
