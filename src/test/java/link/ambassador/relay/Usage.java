package link.ambassador.relay;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.management.ManagementFactory;

/** The resources of a relay in the test's process, and of that process. */
record Usage(long fileDescriptors, int threads, long directMemoryBytes, int open, long heldBytes) {
    /** Fewer are no leak: an earlier test of this process may end meanwhile. */
    boolean isNoMoreThan(Usage before) {
        return fileDescriptors <= before.fileDescriptors
                && threads <= before.threads
                && directMemoryBytes <= before.directMemoryBytes
                && open <= before.open
                && heldBytes <= before.heldBytes;
    }

    static Usage of(TestRelay relay) {
        var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Usage(
                system.getOpenFileDescriptorCount(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory(),
                relay.open(),
                relay.heldBytes());
    }
}
