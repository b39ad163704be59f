package link.ambassador.relayspec;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Returns the token of each connection, then ends the connection in a random way. */
final class ChaosUpstream implements AutoCloseable {
    private static final int BACKLOG = 4096;

    private final ServerSocketChannel listener;
    private final ExecutorService threads;
    private final ChaosFigures figures;
    private final AtomicLong seed;

    ChaosUpstream(InetSocketAddress address, ExecutorService threads, ChaosFigures figures, long seed)
            throws IOException {
        this.listener = ServerSocketChannel.open().bind(address, BACKLOG);
        this.threads = threads;
        this.figures = figures;
        this.seed = new AtomicLong(seed);
        threads.execute(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = listener.accept();
                threads.execute(() -> serve(channel, new Random(seed.incrementAndGet())));
            }
        } catch (ClosedChannelException over) {
            // close() was called.
        } catch (IOException e) {
            figures.failed(e);
        }
    }

    private void serve(SocketChannel accepted, Random random) {
        try (SocketChannel channel = accepted) {
            ByteBuffer token = Chaos.receive(channel);
            boolean flood = Chaos.isFlood(token);
            channel.write(token);
            if (!flood) {
                LockSupport.parkNanos(random.nextInt(3_000_000));
            }
            channel.configureBlocking(false);
            (flood ? ChaosEnd.FLOOD : ChaosEnd.any(random)).end(channel, random);
        } catch (SocketException | EOFException | SocketTimeoutException | ClosedChannelException otherSideWasFirst) {
            // The downstream judges.
        } catch (IOException e) {
            if (!Chaos.isEnd(e)) {
                figures.failed(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
