package link.ambassador.image;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A place on the loopback interface where a role that is trained is asked. */
record Loopback(int port) {
    private static final Duration TO_START = Duration.ofMinutes(2);

    /** A port that was free a moment ago. */
    static Loopback free() throws IOException {
        try (ServerSocket any = listen()) {
            return new Loopback(any.getLocalPort());
        }
    }

    static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    }

    /** What a GET of {@code path} is answered with. */
    String get(String path) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setConnectTimeout(5_000);
        connection.setReadTimeout(5_000);
        try (InputStream body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Returns as soon as {@code path} answers with what {@code told} asks for. */
    void await(Process role, String path, String told) throws IOException, InterruptedException {
        long end = System.nanoTime() + TO_START.toNanos();
        String last = "";
        while (!last.contains(told) || last.isEmpty()) {
            if (!role.isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException(
                        path + (role.isAlive() ? " did not say '" + told + "': " + last : ": the role has ended"));
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
