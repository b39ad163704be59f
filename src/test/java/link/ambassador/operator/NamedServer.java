package link.ambassador.operator;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A target that says its name to everybody who connects. */
final class NamedServer implements AutoCloseable {
    private final ServerSocket socket;

    /** @param port 0 for a free one */
    NamedServer(String name, InetAddress address, int port) throws IOException {
        socket = new ServerSocket(port, 50, address);
        Thread thread = new Thread(() -> serve(name), "server-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(String name) {
        try {
            while (true) {
                try (Socket accepted = socket.accept()) {
                    accepted.getOutputStream().write(name.getBytes(StandardCharsets.US_ASCII));
                }
            }
        } catch (IOException closed) {
            // The end.
        }
    }

    /** Who answers a consumer of the relay on this address. */
    static String answering(String relay) throws IOException {
        try (Socket consumer = new Socket(relay, 6379)) {
            consumer.setSoTimeout(30_000);
            return new String(consumer.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    int port() {
        return socket.getLocalPort();
    }

    String address() {
        return socket.getInetAddress().getHostAddress() + ":" + port();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
