package link.ambassador.operator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A tcpdump of every packet that passes a filter on its way between pods, from where a bare cluster has its first node. */
final class Capture implements AutoCloseable {
    private final Process process;
    private final Path file;

    private Capture(Process process, Path file) {
        this.process = process;
        this.file = file;
    }

    /** Whether this machine sees the packets of the cluster's pods. */
    static boolean isPossible() {
        return "bare".equals(System.getenv("AMBASSADOR_TEST_CLUSTER"));
    }

    /** Returns when it captures. */
    static Capture start(Path file, String filter) throws IOException {
        Process process = new ProcessBuilder(
                        "tcpdump", "-i", "any", "-Z", "root", "--immediate-mode", "-U", "-w", file.toString(), filter)
                .redirectErrorStream(true)
                .start();
        Capture capture = new Capture(process, file);
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = output.readLine(); ; line = output.readLine()) {
            if (line == null) {
                throw new IOException(
                        "tcpdump ended with " + process.onExit().join().exitValue());
            }
            if (line.contains("listening on")) {
                return capture;
            }
        }
    }

    /** The packets so far, a character for each byte. */
    String packets() throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1);
    }

    /** All of them; it captures no more. */
    String end() throws IOException {
        close();
        return packets();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
