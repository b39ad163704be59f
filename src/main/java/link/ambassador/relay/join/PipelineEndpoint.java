package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.epoll.RelaySocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCounted;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * An endpoint whose bytes go through Netty's pipeline: one without epoll, and one with a {@link PipelineLeg}.
 *
 * <p>A leg may bring bytes and the end of the input before the other side is connected, because they came together with the end of a
 * handshake. They wait here, at most what two reads brought.
 */
final class PipelineEndpoint extends Endpoint {
    private final PipelineLeg leg;
    private final Queue<ByteBuf> early = new ArrayDeque<>();
    private boolean earlyEnd;
    private boolean delivered;
    private boolean takesNoMore;

    PipelineEndpoint(ProxiedConnection connection, Channel channel, boolean upstream) {
        super(connection, channel, upstream);
        this.leg = PipelineLeg.isOn(channel) ? channel.attr(PipelineLeg.KEY).get() : null;
    }

    @Override
    void attach() {
        if (channel() instanceof RelaySocketChannel epoll) {
            epoll.pipeline().get(PipelineReads.class).within(connection.budget());
        } else {
            channel()
                    .config()
                    .setRecvByteBufAllocator(new BudgetedRecvAllocator(
                            channel().config().getRecvByteBufAllocator(), connection.budget()));
        }
        super.attach();
    }

    @Override
    void requestRead() {
        channel().read();
    }

    /** A selector reports no event that was not requested. */
    @Override
    void unwatch() {
        if (channel() instanceof RelaySocketChannel epoll) {
            try {
                epoll.unwatch();
            } catch (IOException e) {
                failed();
            }
        }
    }

    @Override
    void send(ReferenceCounted chunk) {
        if (leg == null) {
            super.send(chunk);
        } else {
            channel().writeAndFlush(chunk, channel().voidPromise());
        }
    }

    @Override
    void sendEnd(boolean closesNext) {
        if (leg == null) {
            super.sendEnd(closesNext);
            return;
        }
        leg.endOutput();
        if (!closesNext) {
            ((DuplexChannel) channel()).shutdownOutput();
        }
    }

    @Override
    void dropped() {
        if (takesNoMore) {
            // As if the peer's kernel had answered: it takes no more, and the sender must not think that it does.
            connection.reset(isUpstream() ? CloseReason.UPSTREAM_RESET : CloseReason.DOWNSTREAM_RESET);
        }
    }

    @Override
    void passOnEarly() {
        while (!early.isEmpty()) {
            ByteBuf chunk = early.remove();
            connection.budget().release(chunk.capacity());
            peer().output().write(chunk, chunk.capacity());
        }
        if (earlyEnd) {
            earlyEnd = false;
            ended();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        delivered = true;
        readDone();
        connection.moved(isUpstream(), chunk.readableBytes());
        if (peer() == null) {
            early.add(chunk);
            connection.budget().hold(chunk.capacity());
        } else {
            peer().output().write(chunk, chunk.capacity());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!delivered) {
            readDone();
        }
        delivered = false;
        readNext();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        // Not ChannelInputShutdownReadComplete, which comes only with one more read.
        if (!(event instanceof ChannelInputShutdownEvent) || inputEnded()) {
            return;
        }
        if (peer() == null && leg != null) {
            earlyEnd = true;
        } else {
            ended();
        }
    }

    private void ended() {
        if (leg != null && leg.endsBothAtOnce() && !output().isEnded()) {
            takesNoMore = true;
            output().ended();
            inputEnds();
            if (!peer().isClosed()) {
                peer().discardInput();
            }
        } else {
            inputEnds();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof BrokenStreamException broken) {
            connection.run(() -> {
                if (broken.isTruncated()) {
                    connection.truncated();
                }
                inputFailed();
            });
        } else {
            super.exceptionCaught(context, cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        while (!early.isEmpty()) {
            ByteBuf chunk = early.remove();
            connection.budget().release(chunk.capacity());
            chunk.release();
        }
        super.channelInactive(context);
    }
}
