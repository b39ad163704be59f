package link.ambassador.config;

/** The valid TCP ports. */
final class Ports {
    static final int MAX = 65535;
    static final String WANTED = "a whole number from 1 to 65535";

    private Ports() {}

    static boolean valid(long port) {
        return port >= 1 && port <= MAX;
    }

    static void require(int port, String what) {
        if (!valid(port)) {
            throw new IllegalArgumentException(what + " is " + port + ": it must be " + WANTED);
        }
    }
}
