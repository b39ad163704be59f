package link.ambassador.relay.watch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How long a thread was ready to run and had no processor: {@code run_delay}, the second number in
 * {@code /proc/<pid>/task/<tid>/schedstat} (the kernel's {@code Documentation/scheduler/sched-stats.rst}).
 */
final class RunDelay implements AutoCloseable {
    private static final Path CURRENT_THREAD = Path.of("/proc/thread-self");

    /** Null if there is no such file; the machine then has to be quiet. */
    private final FileChannel schedstat;

    private RunDelay(FileChannel schedstat) {
        this.schedstat = schedstat;
    }

    static RunDelay ofCurrentThread() {
        try {
            // Stays open, because tests compare the number of open files.
            return new RunDelay(FileChannel.open(Path.of("/proc")
                    .resolve(Files.readSymbolicLink(CURRENT_THREAD))
                    .resolve("schedstat")));
        } catch (IOException noLinux) {
            return new RunDelay(null);
        }
    }

    /** The delay so far. From any thread. */
    long nanos() {
        if (schedstat == null) {
            return 0;
        }
        try {
            ByteBuffer text = ByteBuffer.allocate(100);
            schedstat.read(text, 0);
            String[] runDelaySlices =
                    new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).split(" ", -1);
            return Long.parseLong(runDelaySlices[1]);
        } catch (IOException threadHasEnded) {
            // Counts all of it.
            return Long.MAX_VALUE / 2;
        }
    }

    @Override
    public void close() throws IOException {
        if (schedstat != null) {
            schedstat.close();
        }
    }
}
