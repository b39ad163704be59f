package link.ambassador.relay.names;

import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsErrorCauseException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import link.ambassador.relay.names.UnresolvedException.Reason;

/** Netty's resolver, asked for one full name at a time; the search list, memory and hosts file are not its business. */
final class DnsQueries {
    private static final int TRIES = 2;
    private static final long TRY_MILLIS = 1000;
    private static final int MIN_TTL = 1;
    private static final int MAX_TTL = 300;
    private static final int MAX_NAME = 253;
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_-]{1,63}");

    /** What was answered for a name, and for how long: the shortest TTL of its records, held within bounds. */
    record Answer(List<InetAddress> addresses, int ttlSeconds) {}

    private final List<InetSocketAddress> servers;
    private final DnsNameResolver resolver;
    private final LowestTtl ttl = new LowestTtl();
    private int searches;
    private boolean retired;

    DnsQueries(EventLoop loop, List<InetSocketAddress> servers) {
        this.servers = servers;
        boolean epoll = loop.parent() instanceof EpollEventLoopGroup;
        Class<? extends DatagramChannel> udp = epoll ? EpollDatagramChannel.class : NioDatagramChannel.class;
        Class<? extends SocketChannel> tcp = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
        // Netty asks each server of its list once: the list twice over is a second try.
        List<InetSocketAddress> tries = new ArrayList<>();
        for (int i = 0; i < TRIES; i++) {
            tries.addAll(servers);
        }
        resolver = new DnsNameResolverBuilder(loop)
                .datagramChannelType(udp)
                .socketChannelType(tcp)
                .nameServerProvider(new SequentialDnsServerAddressStreamProvider(tries))
                .queryTimeoutMillis(TRY_MILLIS)
                .resolvedAddressTypes(
                        Families.kernelHasIpv6() ? ResolvedAddressTypes.IPV4_PREFERRED : ResolvedAddressTypes.IPV4_ONLY)
                .hostsFileEntriesResolver((name, types) -> null)
                // Everything explicit, so that no class reads the system's files when it is initialized.
                .searchDomains(List.of())
                .ndots(1)
                .maxQueriesPerResolve(Math.max(16, 4 * tries.size()))
                .resolveCache(ttl)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .build();
    }

    /** Both families of one full name, without a trailing dot. */
    Future<Answer> ask(String fullName) {
        if (!isName(fullName)) {
            return Future.failedFuture(new UnresolvedException(
                    Reason.INVALID, "'" + fullName + "': not a name that DNS can be asked for"));
        }
        Promise<Answer> promise = Promise.promise();
        resolver.resolveAll(fullName + ".").addListener(done -> {
            int seconds = (int) Math.max(MIN_TTL, Math.min(MAX_TTL, ttl.take(fullName, MIN_TTL)));
            if (done.isSuccess()) {
                @SuppressWarnings("unchecked")
                List<InetAddress> addresses = (List<InetAddress>) done.getNow();
                promise.complete(new Answer(List.copyOf(addresses), seconds));
            } else {
                promise.fail(failure(fullName, done.cause()));
            }
        });
        return promise.future();
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

    private UnresolvedException failure(String fullName, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DnsNameResolverTimeoutException) {
                return said(Reason.TIMEOUT, fullName, "no answer from " + asked() + " in " + TRIES + " tries of 1 s");
            }
            if (cause instanceof DnsErrorCauseException error) {
                DnsResponseCode code = error.getCode();
                boolean answered = code.equals(DnsResponseCode.NXDOMAIN) || code.equals(DnsResponseCode.NOERROR);
                return answered
                        ? said(Reason.NOT_FOUND, fullName, asked() + " says there is no such name")
                        : said(Reason.SERVER_FAILURE, fullName, asked() + " answered " + code);
            }
        }
        return failure.getCause() == null
                ? said(Reason.NOT_FOUND, fullName, asked() + " has no address for it")
                : said(Reason.SERVER_FAILURE, fullName, asked() + " could not be asked: " + failure.getCause());
    }

    private static UnresolvedException said(Reason reason, String name, String what) {
        return new UnresolvedException(reason, "'" + name + "': " + what);
    }

    private String asked() {
        return String.join(
                ", ",
                servers.stream()
                        .map(server -> server.getAddress().getHostAddress() + "#" + server.getPort())
                        .toList());
    }
}
