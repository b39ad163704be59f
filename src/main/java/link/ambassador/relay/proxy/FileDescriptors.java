package link.ambassador.relay.proxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import link.ambassador.relay.join.PipePool;

/**
 * How the file descriptors of this process are shared out. Whoever is to have one asks before: a listener, a connection with
 * the connect that it begins, a connect that races another. Else the process runs out in the middle of something: classes are
 * read from files, and one that could not be read once, that of a reset for example, is gone for good. On the event loop only.
 *
 * <p>A link may have all that is left until they are scarce, which is when less than an eighth of what connections may have
 * is left. From then on it gets no more than its part, one of as many as there are links: one link whose target swallows all
 * connects does not end the others.
 */
public final class FileDescriptors {
    /** A downstream, and an upstream from the time on that it is dialled. */
    static final int PER_CONNECTION = 2;

    /** For all that does not ask: jars, epoll, the admin port with its connections, the resolver, the table's file. */
    private static final int RESERVED = 128;

    /** Of a process that may have fewer than that, in the hope that it needs fewer. */
    private static final int LEAST = 8;

    /** A pipe has two: the pipes of a small process may have a sixteenth of all. */
    private static final int LIMIT_PER_PIPE = 32;

    private static final int SCARCE = 8;

    private final int mostPipes;
    private final int most;
    private int listeners;
    private int taken;
    private int links;

    /** @param limit how many the process may have open */
    FileDescriptors(long limit) {
        this.mostPipes = (int) Math.min(PipePool.MOST, limit / LIMIT_PER_PIPE);
        this.most = (int) Math.max(LEAST, Math.min(Integer.MAX_VALUE, limit) - RESERVED - 2L * mostPipes);
    }

    /** Those of this process; without a bound where the kernel does not tell. */
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

    /** How many pipes there may be, which need not ask. */
    public int mostPipes() {
        return mostPipes;
    }

    /** Takes one for a listener, if one is left. */
    boolean takeForListener() {
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
        return most - listeners - taken;
    }

    /** What a link has for its connections; it has no part yet. */
    Share share() {
        return new Share();
    }

    /** What one link has. */
    final class Share {
        private int own;

        /** The link is one of the table. */
        void join() {
            links++;
        }

        /** The link left the table; its connections may still have some. */
        void leave() {
            links--;
        }

        /** Takes so many, if the link may have them. */
        boolean take(int descriptors) {
            if (descriptors > left() || (isScarce(descriptors) && own + descriptors > part())) {
                return false;
            }
            own += descriptors;
            taken += descriptors;
            return true;
        }

        void giveBack(int descriptors) {
            own -= descriptors;
            taken -= descriptors;
        }

        private boolean isScarce(int descriptors) {
            return left() - descriptors < (most - listeners) / SCARCE;
        }

        private int part() {
            return Math.max(PER_CONNECTION, (most - listeners) / Math.max(1, links));
        }
    }
}
