package link.ambassador.relay.join;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.RelaySocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.UncheckedBooleanSupplier;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Reads the first bytes of an accepted connection, and not one more: what comes behind them stays in the kernel, so that the
 * connection can go on as if they had not been there. On the event loop.
 */
public final class FirstBytes {
    private static final Logger LOG = Logger.getLogger(FirstBytes.class.getName());

    /** Who wants them. */
    public interface Reader {
        /** How many bytes the next read may bring; 0: it has all, and the connection belongs to somebody else. */
        int missing();

        /** Takes what a read brought, which stays the caller's. */
        void received(ByteBuf bytes);

        /** No more will come, and some are still missing. */
        void ended();
    }

    private FirstBytes() {}

    /** Begins to read; from a connection from which nothing was read. Ends when nothing is missing, or the channel is closed. */
    public static void read(Channel accepted, Reader reader) throws IOException {
        if (accepted instanceof RelaySocketChannel epoll) {
            new OfEpoll(epoll, reader).begin();
        } else {
            bound(accepted, reader);
            PipelineLeg.replaceVertxHandler(accepted, new OfPipeline(reader));
            accepted.read();
        }
    }

    /** Netty asks for a channel's handle once, and keeps it: later ones are for whoever reads then. */
    @SuppressWarnings("deprecation") // Netty has no other interface for a handle.
    private static void bound(Channel accepted, Reader reader) {
        RecvByteBufAllocator before = accepted.config().getRecvByteBufAllocator();
        accepted.config().setRecvByteBufAllocator(() -> new Bounded(reader, accepted.config()));
        accepted.unsafe().recvBufAllocHandle();
        accepted.config().setRecvByteBufAllocator(before);
    }

    private record OfEpoll(RelaySocketChannel channel, Reader reader) implements RelaySocketChannel.Input {
        void begin() throws IOException {
            channel.input(this);
            receive();
        }

        @Override
        public void readable() {
            try {
                receive();
            } catch (Throwable e) {
                LOG.log(Level.SEVERE, "reset a connection because of an error in the relay", e);
                ProxiedConnection.refuse(channel);
            }
        }

        private void receive() throws IOException {
            while (channel.isOpen() && reader.missing() > 0) {
                int count;
                try {
                    count = channel.receive(reader.missing());
                } catch (IOException e) {
                    reader.ended();
                    return;
                }
                if (count == 0) {
                    channel.requestRead();
                    return;
                }
                if (count < 0) {
                    reader.ended();
                    return;
                }
                ByteBuf bytes = channel.copyOfReceived(0, count);
                try {
                    reader.received(bytes);
                } finally {
                    bytes.release();
                }
            }
        }
    }

    /** Without epoll, Netty reads. */
    private static final class OfPipeline extends ChannelInboundHandlerAdapter {
        private final Reader reader;

        OfPipeline(Reader reader) {
            this.reader = reader;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                reader.received(bytes);
            } finally {
                bytes.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (reader.missing() > 0) {
                context.read();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                reader.ended();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (cause instanceof IOException) {
                reader.ended();
            } else {
                LOG.log(Level.SEVERE, "reset a connection because of an error in the relay", cause);
                ProxiedConnection.refuse(context.channel());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (reader.missing() > 0) {
                reader.ended();
            }
        }
    }

    /** Bounds reads while bytes are missing, and afterwards does as the channel's allocator of that time. */
    @SuppressWarnings("deprecation") // Netty has no other interface for a handle.
    private static final class Bounded implements RecvByteBufAllocator.ExtendedHandle {
        private final Reader reader;
        private final ChannelConfig config;
        private RecvByteBufAllocator.ExtendedHandle later;
        private boolean bounded = true;
        private int attemptedBytesRead;
        private int lastBytesRead;

        Bounded(Reader reader, ChannelConfig config) {
            this.reader = reader;
            this.config = config;
        }

        @Override
        public void reset(ChannelConfig of) {
            if (bounded && reader.missing() == 0) {
                bounded = false;
                later = (RecvByteBufAllocator.ExtendedHandle)
                        config.getRecvByteBufAllocator().newHandle();
            }
            if (!bounded) {
                later.reset(of);
            }
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return bounded ? allocator.ioBuffer(reader.missing(), reader.missing()) : later.allocate(allocator);
        }

        @Override
        public int guess() {
            return bounded ? reader.missing() : later.guess();
        }

        @Override
        public void incMessagesRead(int count) {
            if (!bounded) {
                later.incMessagesRead(count);
            }
        }

        @Override
        public void lastBytesRead(int bytes) {
            lastBytesRead = bytes;
            if (!bounded) {
                later.lastBytesRead(bytes);
            }
        }

        @Override
        public int lastBytesRead() {
            return bounded ? lastBytesRead : later.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            attemptedBytesRead = bytes;
            if (!bounded) {
                later.attemptedBytesRead(bytes);
            }
        }

        @Override
        public int attemptedBytesRead() {
            return bounded ? attemptedBytesRead : later.attemptedBytesRead();
        }

        /** One read for each request: the next one may be somebody else's. */
        @Override
        public boolean continueReading() {
            return !bounded && later.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return !bounded && later.continueReading(maybeMoreData);
        }

        @Override
        public void readComplete() {
            if (!bounded) {
                later.readComplete();
            }
        }
    }
}
