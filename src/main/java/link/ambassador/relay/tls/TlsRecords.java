package link.ambassador.relay.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.Buffer;
import io.netty.internal.tcnative.SSL;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;
import link.ambassador.relay.join.BrokenStreamException;
import link.ambassador.relay.join.PipelineLeg;

/**
 * TLS behind the handshake, by BoringSSL's own calls below Netty's engine. The engine keeps the contract of {@code SSLEngine}, and
 * answers a {@code close_notify} at once with its own. Here each direction ends by itself, as RFC 8446 (section 6.1) has it, and as
 * BoringSSL does it for TLS 1.2 too: a half-close goes through. It also costs one call and one buffer for a chunk, and not one for a
 * record.
 *
 * <p>The engine stays the owner of BoringSSL's state; nothing of it is called any more but its release.
 */
final class TlsRecords extends ChannelDuplexHandler implements PipelineLeg {
    /** Room for alerts and new keys, until they are sent at the end of the call that wrote them. */
    private static final int ANSWERS_BYTES = 2048;

    private static final int MAX_RECORD_BYTES = 16 * 1024;

    /** More than any cipher of TLS 1.2 or 1.3 adds to a record. */
    private static final int MAX_OVERHEAD_BYTES = 128;

    private final ReferenceCountedOpenSslEngine engine;
    private final long ssl;
    private final long bio;
    private ChannelHandlerContext context;
    private boolean closeNotified;
    private boolean broken;
    private boolean released;

    private TlsRecords(ReferenceCountedOpenSslEngine engine) {
        this.engine = engine;
        this.ssl = engine.sslPointer();
        // In the place of the engine's, whose address it does not tell. All that the handshake wrote was sent.
        this.bio = SSL.bioNewByteBuffer(ssl, ANSWERS_BYTES);
    }

    /**
     * Lets no session be resumed: the peer would not be verified again. BoringSSL would also send tickets in front of the first bytes.
     * Call it before the handshake.
     */
    static void withoutTickets(ReferenceCountedOpenSslEngine engine) {
        SSL.setOptions(engine.sslPointer(), SSL.SSL_OP_NO_TICKET);
    }

    /**
     * Takes the place of Netty's handler, whose handshake is done and which has received no byte behind it. On the event loop, and not
     * while that handler works.
     */
    static void takeOver(Channel channel, SslHandler handler) {
        ReferenceCountedOpenSslEngine engine = (ReferenceCountedOpenSslEngine) handler.engine();
        engine.retain();
        PipelineLeg.reinstall(channel, new TlsRecords(engine));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf received = (ByteBuf) message;
        if (broken || released) {
            received.release();
            return;
        }
        // What of a record came before waits in BoringSSL.
        int capacity = received.readableBytes() + MAX_RECORD_BYTES;
        ByteBuf plain = ctx.alloc().directBuffer(capacity, capacity);
        int error;
        try {
            SSL.bioSetByteBuffer(bio, readableAddress(received), received.readableBytes(), false);
            error = decrypt(plain);
        } finally {
            SSL.bioClearByteBuffer(bio);
            received.release();
        }
        // An answer to a request for new keys.
        flushAnswers();
        if (plain.isReadable()) {
            ctx.fireChannelRead(plain);
        } else {
            plain.release();
        }
        if (error == SSL.SSL_ERROR_ZERO_RETURN) {
            if (!closeNotified) {
                closeNotified = true;
                ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            }
        } else if (error != SSL.SSL_ERROR_WANT_READ) {
            broken = true;
            String reason = SSL.getErrorString(SSL.getLastErrorNumber());
            SSL.clearError();
            ctx.fireExceptionCaught(new BrokenStreamException(new SSLException(reason)));
        }
    }

    /** Returns why there is no more. */
    private int decrypt(ByteBuf plain) {
        while (true) {
            int room = plain.writableBytes();
            if (room == 0) {
                return SSL.SSL_ERROR_WANT_READ;
            }
            int read = SSL.readFromSSL(ssl, writableAddress(plain), room);
            if (read <= 0) {
                return SSL.getError(ssl, read);
            }
            plain.writerIndex(plain.writerIndex() + read);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws SSLException {
        ByteBuf plain = (ByteBuf) message;
        int length = plain.readableBytes();
        if (broken || released || length == 0) {
            plain.release();
            return;
        }
        int capacity = length + (length / MAX_RECORD_BYTES + 1) * MAX_OVERHEAD_BYTES;
        ByteBuf encrypted = ctx.alloc().directBuffer(capacity, capacity);
        try {
            SSL.bioSetByteBuffer(bio, writableAddress(encrypted), capacity, true);
            long address = readableAddress(plain);
            for (int done = 0; done < length; ) {
                int written = SSL.writeToSSL(ssl, address + done, Math.min(length - done, MAX_RECORD_BYTES));
                if (written <= 0) {
                    broken = true;
                    throw new SSLException("cannot encrypt: " + SSL.getErrorString(SSL.getLastErrorNumber()));
                }
                done += written;
            }
            encrypted.writerIndex(capacity - SSL.bioLengthByteBuffer(bio));
        } catch (SSLException e) {
            encrypted.release();
            throw e;
        } finally {
            SSL.bioClearByteBuffer(bio);
            plain.release();
        }
        ctx.write(encrypted, promise);
    }

    @Override
    public void endOutput() {
        if (!broken && !released) {
            SSL.shutdownSSL(ssl);
            SSL.clearError();
            flushAnswers();
        }
    }

    /** Sends what BoringSSL wrote by itself: alerts and new keys. */
    private void flushAnswers() {
        int length = SSL.bioLengthNonApplication(bio);
        if (length > 0) {
            ByteBuf answers = context.alloc().directBuffer(length, length);
            SSL.bioSetByteBuffer(bio, writableAddress(answers), length, true);
            answers.writerIndex(SSL.bioFlushByteBuffer(bio));
            SSL.bioClearByteBuffer(bio);
            context.writeAndFlush(answers, context.voidPromise());
        }
    }

    @Override
    public boolean endsBothAtOnce() {
        return false;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !closeNotified) {
            ctx.fireExceptionCaught(BrokenStreamException.truncated());
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (!released) {
            released = true;
            engine.release();
        }
    }

    private static long readableAddress(ByteBuf direct) {
        return address(direct, direct.readerIndex(), direct.readableBytes());
    }

    private static long writableAddress(ByteBuf direct) {
        return address(direct, direct.writerIndex(), direct.writableBytes());
    }

    private static long address(ByteBuf direct, int index, int length) {
        if (direct.hasMemoryAddress()) {
            return direct.memoryAddress() + index;
        }
        ByteBuffer bytes = direct.internalNioBuffer(index, length);
        return Buffer.address(bytes) + bytes.position();
    }
}
