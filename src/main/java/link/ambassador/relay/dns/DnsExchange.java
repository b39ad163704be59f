package link.ambassador.relay.dns;

import io.netty.channel.AddressedEnvelope;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * Sends one query to one server and reads its response: over UDP, or over TCP if the response does not fit or
 * resolv.conf asks for TCP.
 *
 * <p>Each query has its own socket, and so its own port. A NAT on the way, such as that of a Service, maps a port to
 * the same server forever, even if that server is gone. And a known port makes it easier to forge a response (RFC 5452,
 * section 9.2).
 *
 * <p>Queries have no OPT record (EDNS0). A server that does not know it returns an error, something unreadable, or
 * nothing, and only a second query after a second of silence would find out (RFC 6891, section 7). OPT would only save
 * TCP for responses over 512 bytes, some 30 addresses. glibc and musl send no OPT record either.
 */
final class DnsExchange {
    /** Queries in flight, each with a socket from the reserve of file descriptors; more have to wait. */
    static final int MAX_IN_FLIGHT = 32;

    private static final long TIMEOUT_MILLIS = 1000;

    private final EventLoop loop;
    private final boolean overTcp;
    private final DnsNameResolver resolver;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int inFlight;

    /** The response of a server; without addresses if its code is an error. */
    record Reply(DnsResponseCode code, DnsAnswer answer, boolean truncated) {
        static Reply of(DnsQuestion question, DnsResponse response) {
            return new Reply(response.code(), DnsAnswer.of(question, response), response.isTruncated());
        }
    }

    DnsExchange(EventLoop loop, List<InetSocketAddress> servers, boolean overTcp) {
        this.loop = loop;
        this.overTcp = overTcp;
        resolver = new DnsNameResolverBuilder(loop)
                .datagramChannelType(
                        loop.parent() instanceof EpollEventLoopGroup
                                ? EpollDatagramChannel.class
                                : NioDatagramChannel.class)
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .optResourceEnabled(false)
                .queryTimeoutMillis(TIMEOUT_MILLIS)
                // The following is not used here. It is set because Netty would read the system's files for its
                // defaults.
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
     * Fails with {@link TimeoutException} if the server does not respond within a second, and with other exceptions.
     */
    io.vertx.core.Future<Reply> query(InetSocketAddress server, DnsQuestion question) {
        Promise<Reply> outcome = Promise.promise();
        Runnable begin = () -> exchange(server, question).onComplete(done -> {
            ended();
            outcome.handle(done);
        });
        if (inFlight < MAX_IN_FLIGHT) {
            inFlight++;
            begin.run();
        } else {
            waiting.add(begin);
        }
        return outcome.future();
    }

    private void ended() {
        Runnable next = waiting.poll();
        if (next == null) {
            inFlight--;
        } else {
            // In a later task: a query that fails at once would start the next one recursively.
            loop.execute(next);
        }
    }

    private io.vertx.core.Future<Reply> exchange(InetSocketAddress server, DnsQuestion question) {
        return overTcp
                ? DnsOverTcp.query(loop, server, question, TIMEOUT_MILLIS)
                : overUdp(server, question)
                        .compose(reply -> reply.truncated()
                                ? whole(reply, server, question)
                                : io.vertx.core.Future.succeededFuture(reply));
    }

    /** Some networks block DNS over TCP, and some addresses are better than none. */
    private io.vertx.core.Future<Reply> whole(Reply truncated, InetSocketAddress server, DnsQuestion question) {
        return DnsOverTcp.query(loop, server, question, TIMEOUT_MILLIS)
                .recover(failure -> truncated.answer().addresses().isEmpty()
                        ? io.vertx.core.Future.failedFuture(failure)
                        : io.vertx.core.Future.succeededFuture(truncated));
    }

    private io.vertx.core.Future<Reply> overUdp(InetSocketAddress server, DnsQuestion question) {
        Promise<Reply> outcome = Promise.promise();
        resolver.query(server, question)
                .addListener((Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> done) -> {
                    if (done.isSuccess()) {
                        read(done.getNow(), question, outcome);
                    } else if (done.cause() instanceof DnsNameResolverTimeoutException) {
                        outcome.fail(new TimeoutException());
                    } else {
                        outcome.fail(done.cause());
                    }
                });
        return outcome.future();
    }

    private static void read(
            AddressedEnvelope<DnsResponse, InetSocketAddress> envelope, DnsQuestion question, Promise<Reply> outcome) {
        Reply reply;
        try {
            reply = Reply.of(question, envelope.content());
        } catch (RuntimeException malformed) {
            outcome.fail(malformed);
            return;
        } finally {
            envelope.release();
        }
        outcome.complete(reply);
    }
}
