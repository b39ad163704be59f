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
 * One question to one server, and what it answers: in a datagram, or over TCP when the answer does not fit or resolv.conf
 * wants it so.
 *
 * <p>Each question has a socket, and so a port, of its own. A NAT in between, as that of a Service, keeps a port on the
 * server that it gave it first, also when that one is gone; and an answer is forged the easier the better its port is known
 * (RFC 5452, section 9.2).
 *
 * <p>No question has an OPT record (EDNS0): servers that do not know it answer an error, or what cannot be read, or
 * nothing, and one would have to be asked twice, after a second of silence, to find out (RFC 6891, section 7). What OPT would
 * spare is TCP for answers over 512 bytes, some 30 addresses. glibc and musl send none either.
 */
final class DnsExchange {
    /** Questions at once, each with a socket, which the reserve of file descriptors has room for; more wait their turn. */
    static final int MOST = 32;

    private static final long TIMEOUT_MILLIS = 1000;

    private final EventLoop loop;
    private final boolean overTcp;
    private final DnsNameResolver resolver;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int inFlight;

    /** What a server said; without addresses when the code is an error's. */
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

    /** Fails with {@link TimeoutException} when the server is silent for a second, and with other exceptions. */
    io.vertx.core.Future<Reply> ask(InetSocketAddress server, DnsQuestion question) {
        Promise<Reply> outcome = Promise.promise();
        Runnable begin = () -> exchange(server, question).onComplete(done -> {
            ended();
            outcome.handle(done);
        });
        if (inFlight < MOST) {
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
            // Later: one that fails at once would run the next one inside of itself.
            loop.execute(next);
        }
    }

    private io.vertx.core.Future<Reply> exchange(InetSocketAddress server, DnsQuestion question) {
        return overTcp
                ? DnsOverTcp.ask(loop, server, question, TIMEOUT_MILLIS)
                : overUdp(server, question)
                        .compose(reply -> reply.truncated()
                                ? whole(reply, server, question)
                                : io.vertx.core.Future.succeededFuture(reply));
    }

    /** Some networks let no DNS over TCP through: some addresses are better than none. */
    private io.vertx.core.Future<Reply> whole(Reply truncated, InetSocketAddress server, DnsQuestion question) {
        return DnsOverTcp.ask(loop, server, question, TIMEOUT_MILLIS)
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
