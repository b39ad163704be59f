package link.ambassador.relay;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.time.Duration;
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
        install();
        Process process = new ProcessBuilder(
                        "redis-server",
                        "--bind",
                        host,
                        "--port",
                        Integer.toString(port),
                        "--protected-mode",
                        "no",
                        "--save",
                        "",
                        "--appendonly",
                        "no",
                        "--dir",
                        System.getProperty("java.io.tmpdir"))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.DISCARD)
                .start();
        RealRedis redis = new RealRedis(process, new InetSocketAddress(host, port));
        try {
            await("redis-server on " + redis.address)
                    .atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(20))
                    .until(redis::answers);
        } catch (RuntimeException e) {
            redis.close();
            throw e;
        }
        return redis;
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

    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException("redis-server ended with status " + process.exitValue());
        }
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
