package link.ambassador.bench.switchover;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import link.ambassador.relay.LoopbackPort;

/** Debian's HAProxy: {@code set maxconn frontend} 0, another address of the server, and the limit as before. */
final class Haproxy implements Way {
    private static final Pattern CURRENT = Pattern.compile("^CurrConns: (\\d+)$", Pattern.MULTILINE);

    private final Path directory;
    private final int port = LoopbackPort.free();
    private final Process process;

    Haproxy(InetSocketAddress primary) throws IOException, InterruptedException {
        directory = Files.createTempDirectory("haproxy");
        Path configuration = Files.writeString(
                directory.resolve("haproxy.cfg"),
                """
                global
                  maxconn 1000
                  nbthread 1
                  stats socket %s level admin
                defaults
                  mode tcp
                  timeout connect 5s
                  timeout client 1h
                  timeout server 1h
                frontend postgres
                  maxconn 1000
                  bind 127.0.0.1:%d
                  default_backend primary
                backend primary
                  server primary 127.0.0.1:%d
                """
                        .formatted(directory.resolve("socket"), port, primary.getPort()));
        process = new ProcessBuilder("/usr/sbin/haproxy", "-db", "-f", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Commands.await("HAProxy answers", () -> Files.exists(directory.resolve("socket")));
    }

    @Override
    public String connection() {
        return Way.connectionTo(port);
    }

    @Override
    public void hold() throws IOException, InterruptedException {
        command("set maxconn frontend postgres 0");
        // Its own connection to the socket is one.
        Commands.await("no session is left", () -> current() <= 1);
    }

    @Override
    public void move(InetSocketAddress primary) throws IOException {
        command("set server primary/primary addr 127.0.0.1 port " + primary.getPort());
        command("set maxconn frontend postgres 1000");
    }

    private int current() throws IOException {
        var matcher = CURRENT.matcher(command("show info"));
        if (!matcher.find()) {
            throw new IOException("HAProxy does not say how many connections it has");
        }
        return Integer.parseInt(matcher.group(1));
    }

    private String command(String command) throws IOException {
        try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.connect(UnixDomainSocketAddress.of(directory.resolve("socket")));
            socket.write(ByteBuffer.wrap((command + "\n").getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            while (socket.read(answer) >= 0) {
                // Until it closes.
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
        }
    }

    @Override
    public void close() throws IOException {
        Commands.end(process);
        Commands.delete(directory);
    }
}
