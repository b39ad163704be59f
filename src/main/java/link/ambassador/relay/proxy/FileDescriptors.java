package link.ambassador.relay.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import link.ambassador.relay.join.PipePool;

/**
 * Shares out the file descriptors of this process. A listener, a connection with its first connect, and a connect that
 * races another all take theirs here before they open it. Otherwise the process could run out at any point: classes are
 * read from files, and a class that could not be read once, such as that of a reset, is lost for good. On the event
 * loop only.
 *
 * <p>A link may take all that are left, until they are scarce: less than an eighth of those for connections. From then
 * on a link gets no more than its share, an equal part for each link. So a link whose target never answers a connect
 * does not stop the others.
 */
public final class FileDescriptors {
    /** One for the downstream, and one for the upstream as soon as it is dialled. */
    static final int PER_CONNECTION = 2;

    /** For everything that does not take its own here: jars, epoll, the admin port, the resolver, the table's file. */
    private static final int RESERVED = 128;

    /** What connections get in a process whose limit is lower than the reserve. */
    private static final int MIN_FOR_CONNECTIONS = 8;

    /** A pipe has two descriptors: pipes get a sixteenth of all in a process with a low limit. */
    private static final int LIMIT_PER_PIPE = 32;

    /** Descriptors are scarce when less than one in this many is left. */
    private static final int SCARCE = 8;

    private final int maxPipes;
    private final int limit;
    private int listeners;
    private int taken;
    private int links;

    /** @param processLimit how many descriptors the process may have open */
    FileDescriptors(long processLimit) {
        this.maxPipes = (int) Math.min(PipePool.MAX_PIPES, processLimit / LIMIT_PER_PIPE);
        this.limit = (int)
                Math.max(MIN_FOR_CONNECTIONS, Math.min(Integer.MAX_VALUE, processLimit) - RESERVED - 2L * maxPipes);
    }

    /** With the limit of this process; without a limit if it cannot be read. */
    public static FileDescriptors ofProcess() {
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

    /** How many pipes there may be. Pipes do not take their descriptors here. */
    public int maxPipes() {
        return maxPipes;
    }

    /** Takes one descriptor for a listener, if one is left. */
    boolean acquireForListener() {
        if (left() < 1) {
            return false;
        }
        listeners++;
        return true;
    }

    void listenerClosed() {
        listeners--;
    }

    private int left() {
        return limit - listeners - taken;
    }

    /** The share of a new link, which is not in the table yet. */
    Share share() {
        return new Share();
    }

    /** The descriptors of one link. */
    final class Share {
        private int held;

        /** The link entered the table. */
        void enterTable() {
            links++;
        }

        /** The link left the table. Its connections may still hold descriptors. */
        void leaveTable() {
            links--;
        }

        /** Takes this many, if the link may have them. */
        boolean acquire(int descriptors) {
            if (descriptors > left() || (isScarce(descriptors) && held + descriptors > equalPart())) {
                return false;
            }
            held += descriptors;
            taken += descriptors;
            return true;
        }

        void release(int descriptors) {
            held -= descriptors;
            taken -= descriptors;
        }

        private boolean isScarce(int descriptors) {
            return left() - descriptors < (limit - listeners) / SCARCE;
        }

        private int equalPart() {
            return Math.max(PER_CONNECTION, (limit - listeners) / Math.max(1, links));
        }
    }
}
