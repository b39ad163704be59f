package link.ambassador.relay;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Many relayed connections. One thread drives both ends of each, which send all they can and read nothing. */
final class StuckPairs implements AutoCloseable {
    /** Small, so that the kernel holds little and the test is quick. */
    private static final int KERNEL_BUFFER = 16 * 1024;

    private static final long LIMIT_NANOS = 30_000_000_000L;
    private static final long STANDSTILL_NANOS = 500_000_000L;

    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final List<SocketChannel> downstreams = new ArrayList<>();
    private final List<SocketChannel> upstreams = new ArrayList<>();
    private long sent;

    private StuckPairs(TestRelay relay) throws IOException {
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        listener.setOption(StandardSocketOptions.SO_RCVBUF, KERNEL_BUFFER);
        listener.bind(relay.target, 1024);
    }

    static StuckPairs open(TestRelay relay, int pairs) throws IOException {
        StuckPairs stuck = new StuckPairs(relay);
        try {
            for (int i = 0; i < pairs; i++) {
                SocketChannel downstream = SocketChannel.open();
                stuck.downstreams.add(downstream);
                downstream.setOption(StandardSocketOptions.SO_RCVBUF, KERNEL_BUFFER);
                downstream.connect(relay.address);
                stuck.upstreams.add(stuck.listener.accept());
            }
            for (SocketChannel channel : stuck.all()) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, KERNEL_BUFFER);
                channel.configureBlocking(false);
            }
            return stuck;
        } catch (IOException e) {
            stuck.close();
            throw e;
        }
    }

    /** Sends from both ends of every pair until none can send for a while. */
    void floodUntilBlocked() throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(32 * 1024);
        untilStandstill(channel -> {
            chunk.clear();
            int n = channel.write(chunk);
            sent += n;
            return n;
        });
    }

    /** Reads at every end until everything that was sent has arrived. */
    void readAllThatWasSent() throws IOException {
        ByteBuffer chunk = ByteBuffer.allocateDirect(64 * 1024);
        long end = System.nanoTime() + LIMIT_NANOS;
        long received = 0;
        while (received < sent) {
            for (SocketChannel channel : all()) {
                chunk.clear();
                received += channel.read(chunk);
            }
            if (System.nanoTime() > end) {
                throw new AssertionError(received + " of " + sent + " bytes arrived");
            }
        }
    }

    /** Closes the listener, so that another one can have its port. */
    void endTheUpstreamListener() throws IOException {
        listener.close();
    }

    private interface Step {
        int moved(SocketChannel channel) throws IOException;
    }

    private void untilStandstill(Step step) throws IOException {
        long begin = System.nanoTime();
        long last = begin;
        while (System.nanoTime() - last < STANDSTILL_NANOS) {
            for (SocketChannel channel : all()) {
                if (step.moved(channel) > 0) {
                    last = System.nanoTime();
                }
            }
            if (System.nanoTime() - begin > LIMIT_NANOS) {
                throw new AssertionError("no standstill after " + sent + " bytes sent");
            }
            Thread.onSpinWait();
        }
    }

    private List<SocketChannel> all() {
        List<SocketChannel> all = new ArrayList<>(downstreams);
        all.addAll(upstreams);
        return all;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel channel : all()) {
            if (channel.isOpen()) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                channel.close();
            }
        }
    }
}
