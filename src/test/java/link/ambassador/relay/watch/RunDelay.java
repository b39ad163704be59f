package link.ambassador.relay.watch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * For how long a thread was ready to run and had no processor: {@code run_delay}, the second number in
 * {@code /proc/<pid>/task/<tid>/schedstat} (the kernel's {@code Documentation/scheduler/sched-stats.rst}).
 */
final class RunDelay implements AutoCloseable {
    private static final Path CURRENT_THREAD = Path.of("/proc/thread-self");

    /** Null where there is no such file: then the machine has to be quiet. */
    private final FileChannel schedstat;

    private RunDelay(FileChannel schedstat) {
        this.schedstat = schedstat;
    }

    static RunDelay ofCurrentThread() {
        try {
            // Kept open: tests compare how many files are.
            return new RunDelay(FileChannel.open(Path.of("/proc")
                    .resolve(Files.readSymbolicLink(CURRENT_THREAD))
                    .resolve("schedstat")));
        } catch (IOException noLinux) {
            return new RunDelay(null);
        }
    }

    /** So far; from any thread. */
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
            // All of it, then.
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
