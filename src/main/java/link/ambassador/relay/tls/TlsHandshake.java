package link.ambassador.relay.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Function;
import link.ambassador.relay.join.PipelineLeg;
import link.ambassador.relay.join.PipelineReads;

/**
 * One handshake, of either side. It takes the place of Vert.x' handler until the connection's endpoint takes this one's: what the peer
 * sends behind its last message of the handshake waits here.
 *
 * <pre>
 *   begin ─► negotiation, if there is one ─► handshake ─┬─► {@link TlsRecords} take over: the channel has TLS
 *                                                       └─► failed: the channel is closed
 * </pre>
 */
final class TlsHandshake extends ChannelInboundHandlerAdapter {
    private final Promise<SslHandler> done = Promise.promise();
    private final Queue<ByteBuf> early = new ArrayDeque<>();
    private final Channel channel;
    private final RelayTls tls;
    private final SslHandler ssl;
    private PipelineReads reads;
    private boolean succeeded;
    private boolean inputEnded;

    private TlsHandshake(Channel channel, RelayTls tls, Function<Executor, SslHandler> ssl) {
        this.channel = channel;
        this.tls = tls;
        this.ssl = ssl.apply(this::runTask);
        // Those that begin it have a timer.
        this.ssl.setHandshakeTimeoutMillis(0);
        if (this.ssl.engine() instanceof ReferenceCountedOpenSslEngine engine) {
            TlsRecords.withoutTickets(engine);
        }
    }

    /**
     * Begins a handshake on a channel of Vert.x. It has no timeout: close the channel.
     *
     * @param ssl makes Netty's handler, which gives that executor what may block
     * @return the handler of the handshake, when the channel has TLS; or {@link TlsFailure}
     */
    static Future<SslHandler> begin(
            Channel channel, RelayTls tls, Function<Executor, SslHandler> ssl, UpstreamNegotiation negotiation) {
        TlsHandshake handshake = new TlsHandshake(channel, tls, ssl);
        PipelineLeg.replaceVertxHandler(channel, handshake);
        handshake.reads = PipelineReads.of(channel);
        negotiation.run(channel).onSuccess(agreed -> handshake.start()).onFailure(handshake::fail);
        return handshake.done.future();
    }

    private void start() {
        if (!channel.isOpen()) {
            fail(new TlsFailure(TlsFailure.Reason.FAILED, "ended the connection before the TLS handshake"));
            return;
        }
        if (reads != null) {
            reads.oneRecordAtATime();
        }
        TlsLeg.install(channel, ssl);
        ssl.handshakeFuture().addListener(outcome -> {
            if (outcome.isSuccess()) {
                succeed();
            } else {
                fail(outcome.cause());
            }
        });
        // A server hears from its peer first, and reads are on demand.
        channel.read();
    }

    /** Verifies a certificate, for example. Meanwhile nothing is read: Netty's handler would keep it, and decrypt it later. */
    private void runTask(Runnable task) {
        if (reads != null) {
            reads.hold();
        }
        tls.onWorker(() -> {
            try {
                task.run();
            } finally {
                // Behind what the task gave to the event loop.
                tls.onLoop(() -> {
                    if (reads != null && !succeeded) {
                        reads.resume();
                    }
                });
            }
        });
    }

    private void succeed() {
        if (reads == null || !(ssl.engine() instanceof ReferenceCountedOpenSslEngine)) {
            done.tryComplete(ssl);
            return;
        }
        succeeded = true;
        reads.hold();
        // Later: Netty's handler is at work now.
        tls.onLoop(() -> {
            if (channel.isOpen()
                    && !ssl.engine().isInboundDone()
                    && !ssl.engine().isOutboundDone()) {
                TlsRecords.takeOver(channel, ssl);
                reads.resumeOnRequest();
                done.tryComplete(ssl);
            } else {
                fail(new TlsFailure(TlsFailure.Reason.FAILED, "ended the connection behind the TLS handshake"));
            }
        });
    }

    private void fail(Throwable cause) {
        TlsFailure failure = TlsFailure.of(cause);
        if (!done.tryFail(failure)) {
            return;
        }
        // Netty closes it behind the alert that says why.
        if (failure.reason() == TlsFailure.Reason.NOT_OFFERED) {
            PipelineLeg.reset(channel);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        early.add((ByteBuf) message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        inputEnded |= event instanceof ChannelInputShutdownEvent;
        if (!done.future().isComplete() && inputEnded) {
            fail(new TlsFailure(TlsFailure.Reason.FAILED, "ended the connection during the TLS handshake"));
            PipelineLeg.reset(channel);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(cause);
        if (channel.isOpen() && done.future().failed()) {
            PipelineLeg.reset(channel);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(new TlsFailure(TlsFailure.Reason.FAILED, "ended the connection during the TLS handshake"));
        release();
    }

    /** The endpoint is there now. */
    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        while (!early.isEmpty()) {
            context.fireChannelRead(early.remove());
        }
        if (inputEnded) {
            context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    private void release() {
        while (!early.isEmpty()) {
            early.remove().release();
        }
    }
}
