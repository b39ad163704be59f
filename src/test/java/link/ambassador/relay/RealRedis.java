package link.ambassador.relay;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** A process of Debian's redis-server, with nothing on disk. */
final class RealRedis implements AutoCloseable {
    private final Process process;
    private final InetSocketAddress address;

    private RealRedis(Process process, InetSocketAddress address) {
        this.process = process;
        this.address = address;
    }

    static RealRedis start() throws IOException, InterruptedException {
        return start("127.0.0.1", LoopbackPort.free());
    }

    /** Returns when Redis replies. */
    static RealRedis start(String host, int port) throws IOException, InterruptedException {
        RealRedis redis = started(host, port, "--port", Integer.toString(port));
        redis.awaitThat(redis::answers);
        return redis;
    }

    /**
     * One that speaks only TLS and wants a certificate of its clients. Returns when it accepts connections.
     *
     * @param directory with {@code tls.crt}, {@code tls.key} and the authority's {@code ca.crt}
     */
    static RealRedis startWithTls(Path directory) throws IOException, InterruptedException {
        int port = LoopbackPort.free();
        RealRedis redis = started(
                "127.0.0.1",
                port,
                "--port",
                "0",
                "--tls-port",
                Integer.toString(port),
                "--tls-cert-file",
                directory.resolve("tls.crt").toString(),
                "--tls-key-file",
                directory.resolve("tls.key").toString(),
                "--tls-ca-cert-file",
                directory.resolve("ca.crt").toString());
        redis.awaitThat(redis::accepts);
        return redis;
    }

    private static RealRedis started(String host, int port, String... options)
            throws IOException, InterruptedException {
        install();
        List<String> command = new ArrayList<>(List.of(
                "redis-server",
                "--bind",
                host,
                "--protected-mode",
                "no",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                System.getProperty("java.io.tmpdir")));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.DISCARD)
                .start();
        return new RealRedis(process, new InetSocketAddress(host, port));
    }

    private void awaitThat(Callable<Boolean> condition) {
        try {
            await("redis-server on " + address)
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(20))
                    .until(condition);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static void install() throws IOException, InterruptedException {
        int status = new ProcessBuilder(
                        "src/test/debian-packages", "redis-server=redis-server", "redis-cli=redis-tools")
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IllegalStateException("no redis-server: src/test/debian-packages says above how to get it");
        }
    }

    private void requireAlive() {
        if (!process.isAlive()) {
            throw new IllegalStateException("redis-server ended with status " + process.exitValue());
        }
    }

    private boolean accepts() {
        requireAlive();
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    private boolean answers() {
        requireAlive();
        try (RedisClient client = connect()) {
            return client.call("PING").equals("PONG");
        } catch (IOException notYet) {
            return false;
        }
    }

    InetSocketAddress address() {
        return address;
    }

    int port() {
        return address.getPort();
    }

    long pid() {
        return process.pid();
    }

    /** A connection without a relay. */
    RedisClient connect() throws IOException {
        return new RedisClient(address);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
