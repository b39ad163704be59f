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
 * Resolves names as the pod sees them: IP addresses, the hosts file, then DNS with the search list of resolv.conf.
 * Another thread reads both files at run time, and again after a change.
 *
 * <p>An answer is valid for its TTL, between 1 and 300 s; a failure for 1 s. A call in the last 2 s of a TTL starts a
 * new query, and does not wait for it. An answer that cannot be connected to ({@link #unreachable}) is valid for 1 s.
 * If the servers fail, the last good addresses stay valid for up to 5 min from their answer; not so if the servers
 * answer that there is no such name. Concurrent calls for one name share one resolution. Used on one event loop.
 */
public final class PodResolver implements Resolver, AutoCloseable {
    private static final int MAX_RESOLV_CONF_BYTES = 64 * 1024;

    /**
     * Where the names of the pod come from.
     *
     * @param shadowed names, in any case, for which the hosts file is ignored, because it maps them to this relay
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
    private final Map<String, Future<List<InetAddress>>> inFlight = new HashMap<>();
    private final ResolverCache cache;
    private DnsClient dnsClient;
    private boolean closed;

    /** @param worker reads the files; it gets two tasks at most */
    public PodResolver(EventLoop loop, Executor worker, Sources sources) {
        this(loop, worker, sources, System::nanoTime);
    }

    PodResolver(EventLoop loop, Executor worker, Sources sources, LongSupplier nanoTime) {
        this.loop = loop;
        this.resolvConf = new WatchedFile<>(sources.resolvConf(), this::parse, loop, worker, nanoTime);
        this.hosts = new HostsFile(sources.hosts(), loop, worker, nanoTime);
        this.cache = new ResolverCache(nanoTime);
        shadowed.addAll(sources.shadowed());
    }

    @Override
    public Future<List<InetAddress>> resolve(String host) {
        var literal = IpLiteral.parse(host);
        if (literal.isPresent()) {
            return Future.succeededFuture(List.of(literal.get()));
        }
        return shadowed.contains(host)
                ? inDnsOrLocalhost(host)
                : hosts.addressesOf(host)
                        .compose(local -> local.isEmpty() ? inDnsOrLocalhost(host) : Future.succeededFuture(local));
    }

    private Future<List<InetAddress>> inDnsOrLocalhost(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.equals("localhost") || name.equals("localhost.")) {
            return Future.succeededFuture(
                    ipv6 ? List.of(NetUtil.LOCALHOST4, NetUtil.LOCALHOST6) : List.of(NetUtil.LOCALHOST4));
        }
        return resolvConf
                .get()
                .compose(read -> inDns(name, read == null ? new DnsClient(loop, ResolvConf.DEFAULT, ipv6) : read));
    }

    /** The name is resolved again once the answer is a second old, whatever its TTL. */
    @Override
    public void unreachable(String host, List<InetAddress> addresses) {
        cache.distrust(host.toLowerCase(Locale.ROOT), addresses);
    }

    /** Also makes the client here, because loading its classes takes too long for the event loop. */
    private DnsClient parse(InputStream content) throws IOException {
        String text = new String(content.readNBytes(MAX_RESOLV_CONF_BYTES), StandardCharsets.ISO_8859_1);
        return new DnsClient(loop, ResolvConf.parse(text.lines().toList()), ipv6);
    }

    /**
     * Later calls send no query; those under way go on. On the event loop, or after it has ended.
     */
    @Override
    public void close() {
        closed = true;
    }

    private Future<List<InetAddress>> inDns(String name, DnsClient current) {
        if (closed) {
            return notResolved(name, "the resolver is closed");
        }
        follow(current);
        Future<List<InetAddress>> cached = cache.fresh(name);
        if (cached != null && !cache.endsSoon(name)) {
            return cached;
        }
        Future<List<InetAddress>> shared = inFlight.get(name);
        Future<List<InetAddress>> next = shared == null ? query(name) : shared;
        return cached == null ? next : cached;
    }

    private Future<List<InetAddress>> query(String name) {
        Promise<List<InetAddress>> promise = Promise.promise();
        inFlight.put(name, promise.future());
        // A search keeps the servers it began with, so that a change of resolv.conf fails no call.
        DnsClient client = dnsClient;
        search(client, client.resolvConf().candidates(name), 0, null).onComplete(answer -> {
            inFlight.remove(name, promise.future());
            // An answer under an older resolv.conf goes to the callers that wait, but not into the cache.
            cache.settle(name, answer, client == dnsClient, promise);
        });
        return promise.future();
    }

    private static Future<List<InetAddress>> notResolved(String name, String why) {
        return Future.failedFuture(new UnresolvedException(Reason.SERVER_FAILURE, "'" + name + "': " + why));
    }

    /** If servers or the search list changed, earlier answers expire; they only stay as the last good ones. */
    private void follow(DnsClient current) {
        if (dnsClient == null || !current.resolvConf().equals(dnsClient.resolvConf())) {
            dnsClient = current;
            inFlight.clear();
            cache.expire();
        }
    }

    /**
     * Queries one candidate after the other. Keeps a server failure for one of them, so that "no such name" for the
     * next does not hide it. A timeout ends the search, because the next candidate would time out as well.
     */
    private static Future<DnsAnswer> search(
            DnsClient client, List<String> candidates, int index, UnresolvedException serverFailure) {
        return client.query(candidates.get(index)).recover(failure -> {
            UnresolvedException why = (UnresolvedException) failure;
            UnresolvedException failed =
                    serverFailure == null && why.reason() == Reason.SERVER_FAILURE ? why : serverFailure;
            if (why.reason() == Reason.TIMEOUT || index + 1 == candidates.size()) {
                return Future.failedFuture(failed == null || why.reason() == Reason.TIMEOUT ? why : failed);
            }
            return search(client, candidates, index + 1, failed);
        });
    }
}
