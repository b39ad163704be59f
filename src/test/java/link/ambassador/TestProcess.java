package link.ambassador;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Which of the processes that run tests at the same time this is; the ports and the loopback addresses that they share are
 * divided by it.
 *
 * <p>Each takes the first number that no other has, by listening on an address of that number until it ends. So the numbers are
 * as private as what they divide, to the processes of one network, whoever started them: another test command, or a person's
 * single test.
 */
public final class TestProcess {
    private static final int FORKS = 8;
    private static final int PORT = 9_999;

    private static final Claim CLAIM = Claim.first();

    private TestProcess() {}

    /** From 0. */
    public static int number() {
        return CLAIM.number;
    }

    /** The first of the numbers from {@code from} that are this process's, of {@code count} for all. */
    public static int first(int from, int count) {
        return from + number() * share(count);
    }

    /** How many of {@code count} are for each process. */
    public static int share(int count) {
        return count / FORKS;
    }

    /** Held by the socket, which the kernel closes however the process ends. */
    private record Claim(int number, ServerSocket held) {
        static Claim first() {
            IOException taken = null;
            for (int number = 0; number < FORKS; number++) {
                try {
                    return new Claim(
                            number, new ServerSocket(PORT, 1, InetAddress.getByName("127.255.255." + (1 + number))));
                } catch (IOException e) {
                    taken = e;
                }
            }
            throw new IllegalStateException(
                    FORKS + " processes run tests already, and hold port " + PORT + " of 127.255.255.1 and following",
                    taken);
        }
    }
}
