package link.ambassador.relay.dns;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.codec.dns.DnsRecordType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The sources of a pod's names: two files, a server and the clock, which the test controls. */
final class Pod implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;

    final ScriptedDns dns = new ScriptedDns();
    private final EventLoopGroup group = Epoll.isAvailable() ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1);
    private final EventLoop loop = group.next();
    private final ExecutorService worker = Executors.newSingleThreadExecutor();
    private final AtomicLong nanos = new AtomicLong(System.nanoTime());
    private final Path resolvConf;
    private final Path hosts;
    private final PodResolver names;

    Pod(Path directory, String... shadowed) {
        resolvConf = directory.resolve("resolv.conf");
        hosts = directory.resolve("hosts");
        resolvConf("");
        names = new PodResolver(loop, worker, new PodResolver.Sources(resolvConf, hosts, Set.of(shadowed)), nanos::get);
    }

    /** Writes a resolv.conf with the server and these lines. */
    void resolvConf(String... lines) {
        resolvConfOf(dns, lines);
    }

    void resolvConfOf(ScriptedDns server, String... lines) {
        resolvConfOf(server.address(), lines);
    }

    void resolvConfOf(String server, String... lines) {
        write(resolvConf, "nameserver " + server + "\n" + String.join("\n", lines) + "\n");
    }

    void hosts(String... lines) {
        write(hosts, String.join("\n", lines) + "\n");
    }

    /** Replaces the hosts file by this file, of whatever kind. */
    void hosts(Path other) {
        try {
            Files.move(other, hosts, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void later(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }

    /** Resolves on the event loop; completes there. */
    CompletableFuture<List<String>> begin(String host) {
        CompletableFuture<List<String>> outcome = new CompletableFuture<>();
        loop.execute(() -> names.resolve(host).onComplete(answer -> {
            if (answer.succeeded()) {
                outcome.complete(answer.result().stream()
                        .map(InetAddress::getHostAddress)
                        .toList());
            } else {
                outcome.completeExceptionally(answer.cause());
            }
        }));
        return outcome.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    List<String> resolve(String host) {
        return begin(host).join();
    }

    UnresolvedException failure(String host) {
        return failure(begin(host));
    }

    static UnresolvedException failure(CompletableFuture<List<String>> outcome) {
        try {
            throw new AssertionError("resolved to " + outcome.join());
        } catch (CompletionException failed) {
            return (UnresolvedException) failed.getCause();
        }
    }

    /** Reports that a dial could connect to none of these addresses. */
    void unreachable(String host, String... addresses) {
        List<InetAddress> answered = Arrays.stream(addresses)
                .map(text -> IpLiteral.parse(text).orElseThrow())
                .toList();
        loop.submit(() -> names.unreachable(host, answered)).syncUninterruptibly();
    }

    /** How many A queries the server got for a name. */
    long asked(String name) {
        return dns.asked(name, DnsRecordType.A);
    }

    /** How many sockets are open for queries. */
    int sockets() {
        return ((SingleThreadEventLoop) loop).registeredChannels();
    }

    void closeNames() {
        loop.submit(names::close).syncUninterruptibly();
    }

    @Override
    public void close() {
        closeNames();
        dns.close();
        worker.shutdownNow();
        group.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Writes by rename, so that the stamp differs even for two contents of one size within one tick of the clock. */
    private static void write(Path path, String content) {
        try {
            Path beside = path.resolveSibling(path.getFileName() + ".new");
            Files.writeString(beside, content);
            Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
