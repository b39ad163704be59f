package link.ambassador.bench.failover;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import link.ambassador.relay.LoopbackPort;

/** A process of Debian's redis-server, with nothing on disk. */
final class Redis implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final Pattern CONNECTIONS = Pattern.compile("total_connections_received:(\\d+)");

    private final int port = LoopbackPort.free();
    private final Process process;

    /** Returns when it answers. */
    Redis() throws IOException, InterruptedException {
        process = new ProcessBuilder(
                        "redis-server",
                        "--bind",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--maxclients",
                        "5000",
                        "--tcp-backlog",
                        "4096",
                        "--repl-diskless-sync-delay",
                        "0",
                        "--save",
                        "",
                        "--dir",
                        System.getProperty("java.io.tmpdir"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Wait.until("redis-server answers", () -> {
            try {
                return ask("PING").equals("+PONG");
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    int port() {
        return port;
    }

    /** The first line that it answers. */
    String ask(String command) throws IOException {
        try (Connection connection = new Connection(address(port), PATIENCE_MILLIS)) {
            return connection.ask(command);
        }
    }

    void replicaOf(Redis primary) throws IOException {
        require(ask("REPLICAOF 127.0.0.1 " + primary.port));
    }

    void becomePrimary() throws IOException {
        require(ask("REPLICAOF NO ONE"));
    }

    /** How many connections it has had, without the one that asks. */
    long connections() throws IOException {
        try (Connection connection = new Connection(address(port), PATIENCE_MILLIS)) {
            Matcher found = CONNECTIONS.matcher(connection.askForText("INFO stats"));
            if (!found.find()) {
                throw new IOException("Redis does not say how many connections it had");
            }
            return Long.parseLong(found.group(1)) - 1;
        }
    }

    private static void require(String answer) throws IOException {
        if (!answer.startsWith("+OK")) {
            throw new IOException("Redis answered " + answer);
        }
    }

    void signal(String signal) throws IOException, InterruptedException {
        Wait.run("kill", "-" + signal, Long.toString(process.pid()));
    }

    static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A connection that sends commands as a line each. */
    static final class Connection implements AutoCloseable {
        private final Socket socket = new Socket();
        private final InputStream in;

        Connection(InetSocketAddress address, int millis) throws IOException {
            try {
                socket.setSoTimeout(millis);
                socket.setTcpNoDelay(true);
                socket.connect(address, millis);
                in = new BufferedInputStream(socket.getInputStream(), 512);
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        }

        /** The first line of the answer. */
        String ask(String command) throws IOException {
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            StringBuilder line = new StringBuilder();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    throw new EOFException("ended without an answer");
                }
                line.append((char) next);
            }
            return line.toString().strip();
        }

        /** The text of an answer that is a bulk string. */
        String askForText(String command) throws IOException {
            int length = Integer.parseInt(ask(command).substring(1));
            return new String(in.readNBytes(length), StandardCharsets.US_ASCII);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
