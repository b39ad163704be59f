package link.ambassador.kubernetes;

import java.io.IOException;

/** The one cable between the two nodes of a cluster that {@code src/test/cluster/up 2} made. */
public final class Cable {
    private Cable() {}

    /** Node 2 is lost to the API server, and its pods to those of node 1. */
    public static void cut() throws IOException, InterruptedException {
        run("cut");
    }

    /** Again is fine. */
    public static void plug() throws IOException, InterruptedException {
        run("plug");
    }

    private static void run(String action) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("src/test/cluster/bare/cable", action)
                .inheritIO()
                .start();
        if (process.waitFor() != 0) {
            throw new AssertionError("cable " + action + " ended with " + process.exitValue());
        }
    }
}
