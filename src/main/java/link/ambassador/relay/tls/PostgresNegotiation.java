package link.ambassador.relay.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import link.ambassador.relay.join.PipelineLeg;

/**
 * Asks a PostgreSQL server for TLS: an SSLRequest, which it answers with {@code S} or {@code N} (
 * https://www.postgresql.org/docs/15/protocol-message-formats.html). The answer is one byte. What comes with it in clear text is
 * refused: somebody in between may have put it there, to be taken for the server's (CVE-2021-23222).
 */
final class PostgresNegotiation extends ChannelInboundHandlerAdapter {
    private static final int LENGTH = 8;
    static final int SSL_REQUEST = 80877103;

    private final Promise<Void> answered = Promise.promise();

    private PostgresNegotiation() {}

    static Future<Void> run(Channel channel) {
        PostgresNegotiation negotiation = new PostgresNegotiation();
        PipelineLeg.addInFront(channel, negotiation);
        channel.writeAndFlush(
                channel.alloc().directBuffer(LENGTH, LENGTH).writeInt(LENGTH).writeInt(SSL_REQUEST));
        channel.read();
        return negotiation.answered.future();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf answer = (ByteBuf) message;
        try {
            if (answer.readableBytes() == 1 && answer.getByte(answer.readerIndex()) == 'S') {
                context.pipeline().remove(this);
                answered.tryComplete();
            } else {
                answered.tryFail(failure(answer));
            }
        } finally {
            answer.release();
        }
    }

    private static TlsFailure failure(ByteBuf answer) {
        byte first = answer.getByte(answer.readerIndex());
        if (first == 'N' && answer.readableBytes() == 1) {
            return new TlsFailure(TlsFailure.Reason.NOT_OFFERED, "does not offer TLS: it answered N to the SSLRequest");
        }
        String sentence = first == 'S'
                ? "sent more than its answer to the SSLRequest before TLS, which may come from somebody else"
                : "does not answer an SSLRequest as PostgreSQL does";
        return new TlsFailure(TlsFailure.Reason.NOT_OFFERED, sentence);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            answered.tryFail(ended());
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        answered.tryFail(ended());
        context.fireChannelInactive();
    }

    private static TlsFailure ended() {
        return new TlsFailure(TlsFailure.Reason.FAILED, "ended the connection instead of an answer to the SSLRequest");
    }
}
