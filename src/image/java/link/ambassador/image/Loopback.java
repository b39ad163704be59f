package link.ambassador.image;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** An address on the loopback interface where a role in training listens. */
record Loopback(int port) {
    /** A port that was free a moment ago. */
    static Loopback free() throws IOException {
        try (ServerSocket any = listen()) {
            return new Loopback(any.getLocalPort());
        }
    }

    static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    }

    /** The response body of a GET of {@code path}. */
    String get(String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setConnectTimeout(30_000);
        connection.setReadTimeout(30_000);
        try (InputStream body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Returns when the response for {@code path} matches {@code expected}. */
    void await(Process role, String path, String expected) throws IOException, InterruptedException {
        long end = System.nanoTime() + Training.LONGEST_STEP.toNanos();
        String last = "";
        while (!last.contains(expected) || last.isEmpty()) {
            if (!role.isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException(
                        path + (role.isAlive() ? " did not say '" + expected + "': " + last : ": the role has ended"));
            }
            Thread.sleep(20);
            try {
                last = get(path) + ' ';
            } catch (IOException notYet) {
                last = "";
            }
        }
    }
}
