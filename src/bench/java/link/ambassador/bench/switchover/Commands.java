package link.ambassador.bench.switchover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs that do one thing and end; PostgreSQL's and PgBouncer's refuse to run as root. */
final class Commands {
    static final String USER = "postgres";

    private static final long AWAIT_SECONDS = 30;

    private Commands() {}

    /** What it printed to stdout; fails if its exit status is not 0. */
    static String run(String... command) throws IOException, InterruptedException {
        return run(List.of(command), true);
    }

    /** The same as PostgreSQL's user. */
    static String asUser(String... command) throws IOException, InterruptedException {
        return run(userCommand(command), true);
    }

    /** At the end: what was started is ended, also when this thread is interrupted. */
    static void endAsUser(String... command) throws IOException {
        try {
            run(userCommand(command), false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().orTimeout(5, TimeUnit.SECONDS).join();
    }

    /** Deletes a directory with all that is in it. */
    static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    static List<String> userCommand(String... command) {
        List<String> whole = new ArrayList<>(List.of("runuser", "-u", USER, "--"));
        whole.addAll(List.of(command));
        return whole;
    }

    /** Into files and not through pipes: a server that the program starts keeps its output open. */
    private static String run(List<String> command, boolean check) throws IOException, InterruptedException {
        Path out = Files.createTempFile("switchover", ".out");
        Path err = Files.createTempFile("switchover", ".err");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(Path.of("/").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            int status = process.waitFor();
            String said = Files.readString(out, StandardCharsets.UTF_8);
            if (check && status != 0) {
                throw new IOException("%s: exit status %d: %s%s"
                        .formatted(
                                String.join(" ", command),
                                status,
                                said,
                                Files.readString(err, StandardCharsets.UTF_8)));
            }
            return said;
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    static void await(String what, Callable<Boolean> condition) throws IOException, InterruptedException {
        await(what, AWAIT_SECONDS, condition);
    }

    static void await(String what, long seconds, Callable<Boolean> condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!holds(condition)) {
            if (System.nanoTime() > end) {
                throw new IOException("not within " + seconds + " s: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    private static boolean holds(Callable<Boolean> condition) throws IOException, InterruptedException {
        try {
            return condition.call();
        } catch (IOException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
