package link.ambassador.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the machine. */
final class Program {
    private static final long START_NANOS = 10_000_000_000L;

    private Program() {}

    /** The output of the program; fails if its exit status is not 0. */
    static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": exit status " + process.exitValue() + ": " + said);
            }
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    /** Starts a server; returns when it accepts connections. */
    static Server server(InetSocketAddress address, String... command) throws IOException, InterruptedException {
        Server server = new Server(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start(),
                address);
        long end = System.nanoTime() + START_NANOS;
        while (!accepts(address)) {
            if (!server.process.isAlive() || System.nanoTime() > end) {
                server.close();
                throw new IOException("does not listen on " + address + ": " + List.of(command));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        return server;
    }

    static boolean accepts(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, 1_000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** An upstream process. */
    record Server(Process process, InetSocketAddress address) implements AutoCloseable {
        @Override
        public void close() {
            process.destroyForcibly();
            process.onExit().orTimeout(5, TimeUnit.SECONDS).join();
        }
    }
}
