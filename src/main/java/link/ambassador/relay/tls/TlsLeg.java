package link.ambassador.relay.tls;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLException;
import link.ambassador.relay.join.BrokenStreamException;
import link.ambassador.relay.join.PipelineLeg;

/**
 * Between Netty's TLS and the endpoint: gives the ends of TLS the form of those of TCP.
 *
 * <p>A {@code close_notify} is a FIN. A FIN without one is a stream that somebody may have cut (RFC 8446, section 6.1), and so is like a
 * reset. Netty's engine answers a {@code close_notify} at once with its own: afterwards the peer gets nothing more.
 */
final class TlsLeg extends ChannelInboundHandlerAdapter implements PipelineLeg {
    private final SslHandler ssl;
    private boolean closeNotified;

    private TlsLeg(SslHandler ssl) {
        this.ssl = ssl;
    }

    /** Puts TLS in front of a channel's last handler. */
    static void install(Channel channel, SslHandler ssl) {
        PipelineLeg.install(channel, new TlsLeg(ssl), ssl);
    }

    @Override
    public void endOutput() {
        ssl.closeOutbound();
    }

    @Override
    public boolean endsBothAtOnce() {
        return true;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslCloseCompletionEvent closed && closed.isSuccess()) {
            closeNotified = true;
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        } else if (event instanceof ChannelInputShutdownEvent
                && !ssl.handshakeFuture().isDone()) {
            context.fireUserEventTriggered(event);
        } else if (event instanceof ChannelInputShutdownEvent && !closeNotified) {
            context.fireExceptionCaught(BrokenStreamException.truncated());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        boolean ofTls = cause instanceof SSLException
                || (cause instanceof DecoderException && cause.getCause() instanceof SSLException);
        context.fireExceptionCaught(ofTls ? new BrokenStreamException(cause) : cause);
    }
}
