package link.ambassador.relay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import link.ambassador.relay.join.Pipes;

/**
 * How many connections the file descriptors of this process are enough for. One more is refused with a reason. Else the
 * process runs out in the middle of something: classes are read from files, and one that could not be read once, that of a
 * reset for example, is gone for good. On the event loop only.
 */
final class FileDescriptors {
    /** A downstream and an upstream. */
    private static final int PER_CONNECTION = 2;

    /** For jars, listeners, the admin port, the resolver, the table's file, addresses that are raced, and pipes. */
    private static final int RESERVED = 96 + Pipes.MOST_FILE_DESCRIPTORS;

    private final int most;
    private int connections;

    FileDescriptors(long limit) {
        this.most = (int) Math.max(1, Math.min(Integer.MAX_VALUE, (limit - RESERVED) / PER_CONNECTION));
    }

    /** Those of this process; without a bound where the kernel does not tell. */
    static FileDescriptors ofProcess() {
        try (Stream<String> limits = Files.lines(Path.of("/proc/self/limits"))) {
            return new FileDescriptors(limits.filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split(" {2,}", -1)[1])
                    .mapToLong(soft -> soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft))
                    .findFirst()
                    .orElse(Long.MAX_VALUE));
        } catch (IOException | NumberFormatException e) {
            return new FileDescriptors(Long.MAX_VALUE);
        }
    }

    boolean hasRoom() {
        return connections < most;
    }

    void connectionBegan() {
        connections++;
    }

    void connectionEnded() {
        connections--;
    }
}
