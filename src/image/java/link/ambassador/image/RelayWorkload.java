package link.ambassador.image;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * The work of a relay: links from a table file, connections that end in each way, retargets to an address, to a name
 * and to a name that does not exist, a hold, and all documents of the admin port.
 */
final class RelayWorkload implements Training.Workload {
    private static final int CONNECTIONS = 20;

    private final Path folder = Files.createTempDirectory("training");
    private final Path table = folder.resolve("links.json");
    private final Path started = folder.resolve("started");
    private final Loopback admin = Loopback.free();
    private final Loopback link = Loopback.free();
    private final ServerSocket first = upstream('a');
    private final ServerSocket second = upstream('b');

    RelayWorkload() throws IOException {
        write("a", "127.0.0.1", first.getLocalPort());
    }

    @Override
    public Map<String, String> environment() {
        return new TreeMap<>(Map.of(
                "AMBASSADOR_LINKS_FILE",
                table.toString(),
                "AMBASSADOR_STARTED_FILE",
                started.toString(),
                "AMBASSADOR_LISTEN_HOST",
                "127.0.0.1",
                "AMBASSADOR_ADMIN_HOST",
                "127.0.0.1",
                "AMBASSADOR_ADMIN_PORT",
                Integer.toString(admin.port())));
    }

    @Override
    public void run(Process relay) throws Exception {
        admin.await(relay, "/startz", "");
        try (Socket open = connect()) {
            ask(open, 'a');
            talk('a');
            write("b", "localhost", second.getLocalPort());
            admin.await(relay, "/links", "\"b\"");
            // Drained: it ends after a second without bytes.
            if (open.getInputStream().read() != -1) {
                throw new IllegalStateException("a connection that was not drained");
            }
        }
        talk('b');
        hold(relay);
        write("c", "nobody.invalid", 6379);
        admin.await(relay, "/links", "\"c\"");
        try (Socket open = connect()) {
            open.getInputStream().read();
            throw new IllegalStateException("a name that nobody has was reached");
        } catch (IOException reset) {
            // The expected end.
        }
        admin.get("/readyz");
        admin.get("/livez");
        admin.get("/metrics");
    }

    /** A connection waits, and is released to {@link #second}. */
    private void hold(Process relay) throws Exception {
        String hold = "\"hold\":{\"startedAt\":\"" + Instant.now() + "\",\"timeout\":\"60s\"},";
        write("held", "localhost", second.getLocalPort(), hold);
        admin.await(relay, "/links", "\"holding\"");
        try (Socket waits = connect()) {
            admin.await(relay, "/links", "\"held\":1");
            write("released", "localhost", second.getLocalPort());
            ask(waits, 'b');
        }
    }

    private void talk(char who) throws IOException {
        for (int i = 0; i < CONNECTIONS; i++) {
            try (Socket socket = connect()) {
                ask(socket, who);
                if (i % 2 == 0) {
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } else {
                    socket.setSoLinger(true, 0);
                }
            }
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), link.port());
        socket.setSoTimeout((int) Training.LONGEST_STEP.toMillis());
        return socket;
    }

    private static void ask(Socket socket, char who) throws IOException {
        socket.getOutputStream().write("who\n".getBytes(StandardCharsets.US_ASCII));
        int answer = socket.getInputStream().read();
        if (answer != who) {
            throw new IllegalStateException("asked for " + who + ", and got " + answer);
        }
    }

    /** Sends its name for each line. */
    private static ServerSocket upstream(char name) throws IOException {
        ServerSocket server = Loopback.listen();
        daemon(() -> {
            while (true) {
                Socket socket = server.accept();
                daemon(() -> {
                    try (socket) {
                        for (int read = 0;
                                read >= 0;
                                read = socket.getInputStream().read()) {
                            if (read == '\n') {
                                socket.getOutputStream().write(name);
                            }
                        }
                    }
                });
            }
        });
        return server;
    }

    /** Replaces the whole file at once, like a kubelet. */
    private void write(String revision, String host, int port) throws IOException {
        write(revision, host, port, "");
    }

    /** @param more fields of the link, each with a comma behind it */
    private void write(String revision, String host, int port, String more) throws IOException {
        Path next = Files.writeString(
                folder.resolve("next"),
                """
                {"revision":"%s","links":[{"alias":"redis","listen":%d,%s"connectTimeout":"1s","drainTimeout":"10s",
                 "existingConnections":"Drain","targets":[{"host":"%s","port":%d}]}]}
                """
                        .formatted(revision, link.port(), more, host, port));
        Files.move(next, table, StandardCopyOption.ATOMIC_MOVE);
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void daemon(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException ended) {
                // The peer closed it, or the training has ended.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        first.close();
        second.close();
        Files.deleteIfExists(table);
        Files.deleteIfExists(started);
        Files.delete(folder);
    }
}
