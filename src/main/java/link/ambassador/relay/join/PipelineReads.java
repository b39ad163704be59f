package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.epoll.RelaySocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Gives what an epoll channel receives to the handlers of its pipeline, as Netty's own reads would. In the pipeline it is the first
 * handler: the reads that others request go through {@link RelaySocketChannel#requestRead}. On the event loop.
 */
public final class PipelineReads extends ChannelOutboundHandlerAdapter implements RelaySocketChannel.Input {
    private static final Logger LOG = Logger.getLogger(PipelineReads.class.getName());

    /** Before there is an endpoint: a handshake has some KiB. */
    private static final int MAX_EARLY_BYTES = 16 * 1024;

    private final RelaySocketChannel channel;
    private ByteBudget budget;
    private RecordBounds records;
    private boolean held;
    private boolean wanted;

    private PipelineReads(RelaySocketChannel channel) {
        this.channel = channel;
    }

    static void install(RelaySocketChannel channel) {
        PipelineReads reads = new PipelineReads(channel);
        channel.pipeline().addFirst("reads", reads);
        channel.input(reads);
    }

    /** Those of a channel; null without epoll. */
    public static PipelineReads of(Channel channel) {
        return channel.pipeline().get(PipelineReads.class);
    }

    /** From now on reads are as large as the budget allows. */
    void within(ByteBudget relays) {
        budget = relays;
        records = null;
    }

    /** From now on a read takes at most one record of TLS, so that what comes behind a handshake stays in the kernel. */
    public void oneRecordAtATime() {
        records = new RecordBounds();
    }

    /** Lets reads that are requested wait. */
    public void hold() {
        held = true;
    }

    /** Reads again, also what was requested meanwhile. */
    public void resume() {
        held = false;
        if (wanted && channel.isOpen()) {
            wanted = false;
            channel.read();
        }
    }

    /** Reads again, when that is requested the next time. */
    public void resumeOnRequest() {
        held = false;
        wanted = false;
    }

    @Override
    public void read(ChannelHandlerContext context) throws IOException {
        if (held) {
            wanted = true;
        } else {
            channel.requestRead();
        }
    }

    @Override
    public void readable() {
        try {
            if (channel.wasReadRequested()) {
                receive();
            } else if (TcpInfo.isClosed(channel)) {
                // Level-triggered epoll would tell of the reset again and again.
                channel.unwatch();
                channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
            } // Else the event was for a socket that had this descriptor before.
        } catch (Throwable e) {
            LOG.log(Level.SEVERE, "reset a connection because of an error in the relay", e);
            ProxiedConnection.refuse(channel);
        }
    }

    private void receive() {
        int bytes;
        do {
            try {
                bytes = channel.receive(maxBytes());
            } catch (IOException e) {
                channel.pipeline().fireExceptionCaught(new BrokenStreamException(e));
                return;
            }
            if (bytes > 0) {
                if (records != null) {
                    records.received(channel.copyOfReceived(0, bytes));
                }
                channel.pipeline().fireChannelRead(channel.copyOfReceived(0, bytes));
            } else if (bytes < 0) {
                channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            }
        } while (bytes > 0 && records != null && records.isInside() && !held && channel.isOpen());
        channel.pipeline().fireChannelReadComplete();
    }

    private int maxBytes() {
        if (records != null) {
            return records.left();
        }
        return budget == null ? MAX_EARLY_BYTES : budget.maxBytesToRead();
    }
}
