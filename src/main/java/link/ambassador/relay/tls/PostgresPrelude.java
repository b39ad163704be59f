package link.ambassador.relay.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import link.ambassador.relay.join.PipelineLeg;

/**
 * Answers a consumer of PostgreSQL that asks for encryption before it starts: with {@code N}, no. The relay encrypts the way to the
 * server, so that libpq's default, {@code sslmode=prefer}, goes on in clear text to the relay. The request must not reach the server:
 * it has been asked already.
 *
 * <p>A consumer may ask for both kinds, one after the other (https://www.postgresql.org/docs/15/protocol-flow.html). What comes next goes
 * on as it is.
 */
final class PostgresPrelude extends ChannelInboundHandlerAdapter implements PipelineLeg {
    private static final int LENGTH = 8;
    private static final int GSSENC_REQUEST = 80877104;
    private static final int MAX_REQUESTS = 2;

    private ByteBuf received;
    private int requests;

    private PostgresPrelude() {}

    /** On an accepted connection from which nothing was read. */
    static void install(Channel accepted) {
        PipelineLeg.installOnAccepted(accepted, new PostgresPrelude());
    }

    @Override
    public void endOutput() {
        // A FIN is enough.
    }

    @Override
    public boolean endsBothAtOnce() {
        return false;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        if (received == null) {
            received = chunk;
        } else {
            ByteBuf head = received;
            received = context.alloc()
                    .directBuffer(head.readableBytes() + chunk.readableBytes())
                    .writeBytes(head)
                    .writeBytes(chunk);
            head.release();
            chunk.release();
        }
        while (requests < MAX_REQUESTS && isRequest()) {
            requests++;
            received.skipBytes(LENGTH);
            context.writeAndFlush(context.alloc().directBuffer(1, 1).writeByte('N'));
        }
        if (requests == MAX_REQUESTS || !mayBecomeRequest()) {
            passOn(context);
        }
    }

    private boolean isRequest() {
        if (received.readableBytes() < LENGTH || received.getInt(received.readerIndex()) != LENGTH) {
            return false;
        }
        int code = received.getInt(received.readerIndex() + 4);
        return code == PostgresNegotiation.SSL_REQUEST || code == GSSENC_REQUEST;
    }

    private boolean mayBecomeRequest() {
        int readable = received.readableBytes();
        return readable < 4 || (readable < LENGTH && received.getInt(received.readerIndex()) == LENGTH);
    }

    private void passOn(ChannelHandlerContext context) {
        ByteBuf rest = received;
        received = null;
        context.pipeline().remove(this);
        if (rest.isReadable()) {
            context.fireChannelRead(rest);
        } else {
            rest.release();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent && received != null) {
            passOn(context);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (received != null) {
            received.release();
            received = null;
        }
    }
}
