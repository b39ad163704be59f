package link.ambassador.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A program that reads more memory than the processor's caches hold, like the other guests of a rented machine. The
 * relay's data is gone from the caches at its next turn.
 */
final class CacheNeighbour {
    private static final int WALKED_BYTES = 96 << 20;

    private CacheNeighbour() {}

    public static void main(String[] arguments) {
        byte[] memory = new byte[WALKED_BYTES];
        SplittableRandom random = new SplittableRandom(1);
        while (true) {
            memory[random.nextInt(WALKED_BYTES)]++;
        }
    }

    /** Starts one for each processor; they end with the benchmark. */
    static List<Process> start() throws IOException {
        List<Process> neighbours = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            neighbours.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-Xmx160m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            CacheNeighbour.class.getName())
                    .inheritIO()
                    .start());
        }
        return neighbours;
    }
}
