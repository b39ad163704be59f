package link.ambassador.relay.names;

import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.vertx.core.Future;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import link.ambassador.relay.names.UnresolvedException.Reason;

/**
 * Asks the servers of one resolv.conf, for one full name at a time; the search list, memory and hosts file are not its
 * business.
 *
 * <p>Netty carries the single queries only, over UDP and over TCP when truncated. Its own way through servers and
 * families waits for a silent AAAA although A was answered, asks on after NXDOMAIN, tells REFUSED as an unknown name,
 * and hides the TTL of aliases.
 */
final class DnsQueries {
    private static final int TRIES = 2;
    private static final long TRY_MILLIS = 1000;
    private static final long MIN_TTL = 1;
    private static final long MAX_TTL = 300;
    private static final int MAX_NAME = 253;
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_-]{1,63}");

    private final EventLoop loop;
    private final List<InetSocketAddress> servers;
    private final List<InetSocketAddress> tries = new ArrayList<>();
    private final boolean ipv6 = Families.kernelHasIpv6();
    private final DnsNameResolver resolver;
    private int searches;
    private boolean retired;

    DnsQueries(EventLoop loop, List<InetSocketAddress> servers) {
        this.loop = loop;
        this.servers = servers;
        for (int i = 0; i < TRIES; i++) {
            tries.addAll(servers);
        }
        boolean epoll = loop.parent() instanceof EpollEventLoopGroup;
        resolver = new DnsNameResolverBuilder(loop)
                .datagramChannelType(epoll ? EpollDatagramChannel.class : NioDatagramChannel.class)
                .socketChannelType(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .queryTimeoutMillis(TRY_MILLIS)
                // The rest is for what is not used here; said, so that no default is made from the system's files.
                .nameServerProvider(new SequentialDnsServerAddressStreamProvider(servers))
                .hostsFileEntriesResolver((name, types) -> null)
                .searchDomains(List.of())
                .ndots(1)
                .resolveCache(NoopDnsCache.INSTANCE)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
                .build();
    }

    /**
     * Both families of one full name, without a trailing dot: at least one address, and a TTL held within bounds. Fails
     * with {@link UnresolvedException}.
     */
    Future<DnsAnswer> ask(String fullName) {
        if (!isName(fullName)) {
            return failed(Reason.INVALID, fullName, "not a name that DNS can be asked for");
        }
        // A first: where two queries at once lose one (a known race of conntrack), it is the later one.
        Future<DnsAnswer> a = FamilyQuery.ask(resolver, tries, fullName, DnsRecordType.A);
        Future<DnsAnswer> aaaa = ipv6
                ? FamilyQuery.ask(resolver, tries, fullName, DnsRecordType.AAAA)
                : Future.succeededFuture(DnsAnswer.NONE);
        return BothFamilies.join(loop, a, aaaa).compose(answer -> {
            if (answer.addresses().isEmpty()) {
                String what = answer.nameExists() ? " has no address for it" : " says there is no such name";
                return failed(Reason.NOT_FOUND, fullName, asked() + what);
            }
            long ttl = Math.max(MIN_TTL, Math.min(MAX_TTL, answer.ttlSeconds()));
            return Future.succeededFuture(new DnsAnswer(true, answer.addresses(), ttl));
        });
    }

    /** A search begins, which may ask for several names; every one is followed by {@link #leave()}. */
    void enter() {
        searches++;
    }

    void leave() {
        searches--;
        closeIfUnused();
    }

    /** No more searches begin; the sockets close when the last has ended. */
    void retire() {
        retired = true;
        closeIfUnused();
    }

    private void closeIfUnused() {
        if (retired && searches == 0) {
            resolver.close();
        }
    }

    private static Future<DnsAnswer> failed(Reason reason, String name, String what) {
        return Future.failedFuture(new UnresolvedException(reason, "'" + name + "': " + what));
    }

    private String asked() {
        return String.join(
                ", ", servers.stream().map(FamilyQuery::shown).distinct().toList());
    }

    private static boolean isName(String fullName) {
        if (fullName.length() > MAX_NAME) {
            return false;
        }
        for (String label : fullName.split("\\.", -1)) {
            if (!LABEL.matcher(label).matches()) {
                return false;
            }
        }
        return true;
    }
}
