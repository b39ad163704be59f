package link.ambassador.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Makes a folder that {@code src/main/image/start} can start from: {@code Training <folder> relay}, or {@code
 * operator}. The folder already has {@code quarkus-app} and {@code src/main/image}; this adds jar, native library and
 * AOT cache. Ends with status 1 and the reason if a role does not start, does not do its work or writes no cache.
 */
final class Training {
    /** For each step, from {@code -Dtraining.seconds}. An emulated JVM takes minutes where another one takes a second. */
    static final Duration LONGEST_STEP = longestStep(System.getProperty("training.seconds", "600"));

    private Training() {}

    /** The work of a role during the training. */
    interface Workload extends AutoCloseable {
        /** The settings that the role is started with. */
        Map<String, String> environment();

        /** Returns when the role has done all its work. */
        void run(Process role) throws Exception;

        @Override
        void close() throws IOException;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]).toAbsolutePath().normalize();
        String role = arguments[1];
        Layout layout = new Layout(folder);
        layout.writeJar(role);
        layout.unpackNativeLibraries();
        layout.dateJarsInWholeSeconds();
        try (Workload workload = role.equals("relay") ? new RelayWorkload() : new OperatorWorkload()) {
            train(folder, role, workload);
        }
        if (!Files.isRegularFile(folder.resolve(role + ".aot"))) {
            throw new IllegalStateException("the JVM wrote no AOT cache of the " + role + ": its output is above");
        }
        // Exits, because threads that still serve would hold up the build.
        System.exit(0);
    }

    /** Throws an IllegalArgumentException unless it is a number from 1 to 86400, which is a day. */
    static Duration longestStep(String seconds) {
        if (!seconds.matches("[1-9][0-9]{0,4}") || Integer.parseInt(seconds) > 86_400) {
            throw new IllegalArgumentException(
                    "training.seconds is '" + seconds + "': it must be a whole number from 1 to 86400");
        }
        return Duration.ofSeconds(Integer.parseInt(seconds));
    }

    private static void train(Path folder, String role, Workload workload) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:AOTCacheOutput=" + folder.resolve(role + ".aot"),
                // Hides the warnings about classes that cannot be in the cache.
                "-Xlog:aot=error",
                "@" + folder.resolve(role + ".args"),
                "-Djava.library.path=" + folder.resolve("native"),
                "-jar",
                folder.resolve(role + ".jar").toString(),
                role));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(workload.environment());
        Process process = builder.start();
        try {
            workload.run(process);
            process.destroy(); // SIGTERM
            if (!process.waitFor(LONGEST_STEP.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IllegalStateException("the " + role + " did not end with status 0");
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
