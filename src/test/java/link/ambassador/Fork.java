package link.ambassador;

/** Which of the processes that run tests at the same time this is; what they share of the machine is divided by it. */
public final class Fork {
    private static final int FORKS = 4;

    private Fork() {}

    /** From 0. */
    public static int number() {
        return (Integer.getInteger("test.fork", 1) - 1) % FORKS;
    }

    /** The first of the numbers from {@code from} that are this process's, of {@code count} for all. */
    public static int first(int from, int count) {
        return from + number() * share(count);
    }

    /** How many of {@code count} are for each process. */
    public static int share(int count) {
        return count / FORKS;
    }
}
