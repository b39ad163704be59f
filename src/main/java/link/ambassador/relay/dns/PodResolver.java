package link.ambassador.relay.dns;

import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import link.ambassador.relay.dns.UnresolvedException.Reason;

/**
 * Names as the pod sees them: literals, the hosts file, then DNS with the search list of resolv.conf. Both files are
 * read at run time and again when they changed, on another thread.
 *
 * <p>An answer serves for its TTL, held between 1 and 300 s, a failure for 1 s. Who asks in the last 2 s of a TTL has the
 * name asked for again, and does not wait for it. An answer that leads nowhere ({@link #unreachable}) serves for 1 s. When
 * the servers fail (and not when they answer that there is no such name), the last good addresses serve for up to 5 min
 * from when they were answered. Concurrent calls for one name share one resolution. Lives on one event loop.
 */
public final class PodResolver implements Resolver, AutoCloseable {
    private static final int MOST_RESOLV_CONF_BYTES = 64 * 1024;

    /**
     * Where the pod says its names.
     *
     * @param shadowed names (case does not matter) for which the hosts file does not count, since there they name this
     *     relay itself
     */
    public record Sources(Path resolvConf, Path hosts, Set<String> shadowed) {
        public static Sources ofSystem(Set<String> shadowed) {
            return new Sources(Path.of("/etc/resolv.conf"), Path.of("/etc/hosts"), shadowed);
        }
    }

    private final EventLoop loop;
    private final WatchedFile<DnsClient> resolvConf;
    private final HostsFile hosts;
    private final boolean ipv6 = Ipv6.isAvailable();
    private final Set<String> shadowed = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, Future<List<InetAddress>>> underWay = new HashMap<>();
    private final ResolverCache remembered;
    private DnsClient queries;
    private boolean closed;

    /** @param aside runs what reads the files, two tasks at most */
    public PodResolver(EventLoop loop, Executor aside, Sources sources) {
        this(loop, aside, sources, System::nanoTime);
    }

    PodResolver(EventLoop loop, Executor aside, Sources sources, LongSupplier nanoTime) {
        this.loop = loop;
        this.resolvConf = new WatchedFile<>(sources.resolvConf(), this::parse, loop, aside, nanoTime);
        this.hosts = new HostsFile(sources.hosts(), loop, aside, nanoTime);
        this.remembered = new ResolverCache(nanoTime);
        shadowed.addAll(sources.shadowed());
    }

    @Override
    public Future<List<InetAddress>> resolve(String host) {
        var literal = IpLiteral.parse(host);
        if (literal.isPresent()) {
            return Future.succeededFuture(List.of(literal.get()));
        }
        return shadowed.contains(host)
                ? beyondHosts(host)
                : hosts.of(host).compose(local -> local.isEmpty() ? beyondHosts(host) : Future.succeededFuture(local));
    }

    private Future<List<InetAddress>> beyondHosts(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.equals("localhost") || name.equals("localhost.")) {
            return Future.succeededFuture(
                    ipv6 ? List.of(NetUtil.LOCALHOST4, NetUtil.LOCALHOST6) : List.of(NetUtil.LOCALHOST4));
        }
        return resolvConf
                .get()
                .compose(read -> inDns(name, read == null ? new DnsClient(loop, ResolvConf.DEFAULT, ipv6) : read));
    }

    /** The name is asked for again, once the answer is a second old, whatever its TTL. */
    @Override
    public void unreachable(String host, List<InetAddress> addresses) {
        remembered.doubt(host.toLowerCase(Locale.ROOT), addresses);
    }

    /** With what asks its servers: loading that for the first time takes too long for the event loop, too. */
    private DnsClient parse(InputStream content) throws IOException {
        String text = new String(content.readNBytes(MOST_RESOLV_CONF_BYTES), StandardCharsets.ISO_8859_1);
        return new DnsClient(loop, ResolvConf.parse(text.lines().toList()), ipv6);
    }

    /**
     * Asks no server any more for what comes after this; what is under way ends as it would have. On the event loop, or
     * after that ended its work.
     */
    @Override
    public void close() {
        closed = true;
    }

    private Future<List<InetAddress>> inDns(String name, DnsClient current) {
        if (closed) {
            return unasked(name, "the resolver is closed");
        }
        follow(current);
        Future<List<InetAddress>> known = remembered.fresh(name);
        if (known != null && !remembered.endsSoon(name)) {
            return known;
        }
        Future<List<InetAddress>> shared = underWay.get(name);
        Future<List<InetAddress>> asked = shared == null ? ask(name) : shared;
        return known == null ? asked : known;
    }

    private Future<List<InetAddress>> ask(String name) {
        Promise<List<InetAddress>> promise = Promise.promise();
        underWay.put(name, promise.future());
        // A search keeps the servers it began with, so that a change of resolv.conf fails nobody.
        DnsClient asked = queries;
        search(asked, asked.resolvConf().candidates(name), 0, null).onComplete(answer -> {
            underWay.remove(name, promise.future());
            // An answer under an older resolv.conf serves who asked then, but is not remembered.
            remembered.settle(name, answer, asked == queries, promise);
        });
        return promise.future();
    }

    private static Future<List<InetAddress>> unasked(String name, String why) {
        return Future.failedFuture(new UnresolvedException(Reason.SERVER_FAILURE, "'" + name + "': " + why));
    }

    /** Servers or the search list changed: what the old ones answered no longer counts, except as the last good. */
    private void follow(DnsClient current) {
        if (queries == null || !current.resolvConf().equals(queries.resolvConf())) {
            queries = current;
            underWay.clear();
            remembered.expire();
        }
    }

    /**
     * One candidate after the other. A server that fails for one of them is remembered, so that "no such name" for the
     * next does not hide that nobody knows; silence ends the search, since the next would meet the same silence.
     */
    private static Future<DnsAnswer> search(
            DnsClient queries, List<String> candidates, int index, UnresolvedException serverFailure) {
        return queries.ask(candidates.get(index)).recover(failure -> {
            UnresolvedException why = (UnresolvedException) failure;
            UnresolvedException failed =
                    serverFailure == null && why.reason() == Reason.SERVER_FAILURE ? why : serverFailure;
            if (why.reason() == Reason.TIMEOUT || index + 1 == candidates.size()) {
                return Future.failedFuture(failed == null || why.reason() == Reason.TIMEOUT ? why : failed);
            }
            return search(queries, candidates, index + 1, failed);
        });
    }
}
