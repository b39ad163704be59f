package link.ambassador.relay.dns;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryEncoder;
import io.netty.handler.codec.dns.TcpDnsResponseDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import link.ambassador.relay.dns.DnsExchange.Reply;

/** One query over its own TCP connection (RFC 7766). Netty uses TCP only after a query over UDP. */
final class DnsOverTcp extends SimpleChannelInboundHandler<DnsResponse> {
    private final DnsQuestion question;
    private final int id = ThreadLocalRandom.current().nextInt(1 << 16);
    private final Promise<Reply> outcome = Promise.promise();

    private DnsOverTcp(DnsQuestion question) {
        this.question = question;
    }

    /**
     * On the event loop. Fails with {@link TimeoutException} if the query, with its connect, takes longer than that.
     */
    static Future<Reply> query(EventLoop loop, InetSocketAddress server, DnsQuestion question, long timeoutMillis) {
        DnsOverTcp query = new DnsOverTcp(question);
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(
                        loop.parent() instanceof EpollEventLoopGroup
                                ? EpollSocketChannel.class
                                : NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(timeoutMillis))
                .disableResolver()
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        opened.pipeline().addLast(new TcpDnsQueryEncoder(), new TcpDnsResponseDecoder(), query);
                    }
                })
                .connect(server);
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                query.fail(done.cause());
            }
        });
        ScheduledFuture<?> deadline =
                loop.schedule(() -> query.fail(new TimeoutException()), timeoutMillis, TimeUnit.MILLISECONDS);
        query.outcome.future().onComplete(done -> {
            deadline.cancel(false);
            connecting.channel().close();
        });
        return query.outcome.future();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(new DefaultDnsQuery(id).setRecursionDesired(true).addRecord(DnsSection.QUESTION, question))
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        fail(done.cause());
                    }
                });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DnsResponse response) {
        if (response.id() == id && question.equals(response.recordAt(DnsSection.QUESTION))) {
            outcome.tryComplete(Reply.of(question, response));
        } else {
            fail(new IOException("it answered another query"));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(new IOException("it closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause);
    }

    private void fail(Throwable why) {
        outcome.tryFail(why instanceof ConnectTimeoutException ? new TimeoutException() : why);
    }
}
