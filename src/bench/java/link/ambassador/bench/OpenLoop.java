package link.ambassador.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests at a fixed rate over some connections in turn. A latency begins when the request was due, so that a stall
 * counts for each request that it delayed, also a stall of this program ("coordinated omission").
 */
final class OpenLoop implements AutoCloseable {
    private static final byte[] REQUEST = "*2\r\n$3\r\nGET\r\n$3\r\nnil\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int ANSWER_BYTES = "$-1\r\n".length();
    private static final long NAP_NANOS = 20_000;
    private static final long LAST_ANSWER_NANOS = 5_000_000_000L;

    private final Selector selector = Selector.open();
    private final List<Connection> connections = new ArrayList<>();
    private final ByteBuffer answers = ByteBuffer.allocateDirect(1 << 16);
    private final long[] nanos;
    private int answered;

    private OpenLoop(InetSocketAddress address, int count, int requests) throws IOException {
        nanos = new long[requests];
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            connections.add(new Connection(channel));
            channel.register(selector, SelectionKey.OP_READ, connections.get(i));
        }
        exchangeOne();
    }

    /** A relay that has accepted may still have to connect. The row of connects measures that, not this one. */
    private void exchangeOne() throws IOException {
        long now = System.nanoTime();
        for (Connection connection : connections) {
            connection.send(now);
        }
        while (answered < connections.size()) {
            selector.select(key -> ((Connection) key.attachment()).read());
        }
        answered = 0;
    }

    static Latencies run(InetSocketAddress address, int connections, double perSecond, int seconds) throws IOException {
        try (OpenLoop loop = new OpenLoop(address, connections, (int) (perSecond * seconds))) {
            loop.run((long) (1e9 / perSecond));
            return new Latencies(loop.nanos);
        }
    }

    private void run(long betweenNanos) throws IOException {
        long begin = System.nanoTime();
        long end = begin + betweenNanos * nanos.length + LAST_ANSWER_NANOS;
        int sent = 0;
        while (answered < nanos.length) {
            long now = System.nanoTime();
            while (sent < nanos.length && now - (begin + sent * betweenNanos) >= 0) {
                connections.get(sent % connections.size()).send(begin + sent * betweenNanos);
                sent++;
            }
            if (selector.selectNow(key -> ((Connection) key.attachment()).read()) == 0) {
                LockSupport.parkNanos(NAP_NANOS);
            }
            if (now - end > 0) {
                throw new IOException(answered + " of " + nanos.length + " requests were answered");
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Connection connection : connections) {
            connection.channel.close();
        }
        selector.close();
    }

    private final class Connection {
        private final SocketChannel channel;
        private final ArrayDeque<Long> due = new ArrayDeque<>();
        private final ByteBuffer request = ByteBuffer.allocateDirect(REQUEST.length);
        private int bytes;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        void send(long dueNanos) throws IOException {
            due.add(dueNanos);
            request.clear().put(REQUEST).flip();
            if (channel.write(request) < REQUEST.length) {
                throw new IOException("the connection does not take requests as fast as they are due");
            }
        }

        void read() {
            try {
                answers.clear();
                int read = channel.read(answers);
                if (read < 0) {
                    throw new EOFException("the connection ended");
                }
                long now = System.nanoTime();
                for (bytes += read; bytes >= ANSWER_BYTES; bytes -= ANSWER_BYTES) {
                    nanos[answered++] = now - due.remove();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
