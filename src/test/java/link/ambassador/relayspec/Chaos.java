package link.ambassador.relayspec;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Many clients, each with one connection after the other. Both sides end at random in every way, while other
 * connections begin. A connection begins with a token, which its upstream returns. Without its token it was lost; with
 * another one it was crossed.
 */
public final class Chaos {
    private static final int CLIENTS = 64;
    private static final int TOKEN_BYTES = 8;
    private static final int LOST_AFTER_MILLIS = 5_000;

    private final InetSocketAddress relay;
    private final ChaosFigures figures = new ChaosFigures();
    private volatile boolean over;

    private Chaos(InetSocketAddress relay) {
        this.relay = relay;
    }

    /** Runs while the clients connect; the chaos ends when it returns. */
    @FunctionalInterface
    public interface Meanwhile {
        void pass() throws Exception;
    }

    /**
     * Lets clients connect to the relay until {@code meanwhile} has passed.
     *
     * @param targets the targets of the relay; an upstream listens on each
     * @param seed decides what each side does, but not the timing
     */
    public static ChaosFigures of(
            InetSocketAddress relay, List<InetSocketAddress> targets, long seed, Meanwhile meanwhile) throws Exception {
        Chaos chaos = new Chaos(relay);
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "chaos");
            thread.setDaemon(true);
            return thread;
        });
        List<ChaosUpstream> upstreams = new ArrayList<>();
        try {
            for (InetSocketAddress target : targets) {
                upstreams.add(new ChaosUpstream(target, threads, chaos.figures, seed));
            }
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(seed + 31L * i);
                clients.add(threads.submit(() -> chaos.client(random)));
            }
            meanwhile.pass();
            chaos.over = true;
            for (Future<?> client : clients) {
                client.get();
            }
        } finally {
            chaos.over = true;
            for (ChaosUpstream upstream : upstreams) {
                upstream.close();
            }
            threads.shutdown();
            threads.awaitTermination(2L * LOST_AFTER_MILLIS, TimeUnit.MILLISECONDS);
        }
        return chaos.figures;
    }

    /** Lets clients connect for this long. */
    public static Meanwhile lasting(Duration duration) {
        return () -> Thread.sleep(duration.toMillis());
    }

    private void client(Random random) {
        while (!over) {
            try (SocketChannel channel = SocketChannel.open()) {
                one(channel, random);
            } catch (IOException e) {
                if (!isEnd(e)) {
                    figures.failed(e);
                }
            }
        }
    }

    private void one(SocketChannel channel, Random random) throws IOException {
        ByteBuffer token = ByteBuffer.allocate(TOKEN_BYTES).putLong(0, random.nextLong());
        long begin = System.nanoTime();
        try {
            channel.connect(relay);
        } catch (ConnectException e) {
            figures.countRefused();
            return;
        }
        ByteBuffer answer;
        try {
            channel.write(token.duplicate());
            answer = receive(channel);
        } catch (SocketTimeoutException e) {
            figures.countLost(System.nanoTime() - begin);
            return;
        } catch (IOException e) {
            figures.countCut();
            throw e;
        }
        if (!answer.equals(token)) {
            figures.countCrossed();
            return;
        }
        figures.countServed(System.nanoTime() - begin);
        channel.configureBlocking(false);
        (isFlood(token) ? ChaosEnd.FLOOD : ChaosEnd.any(random)).end(channel, random);
    }

    /** Reads the token, which comes first. */
    static ByteBuffer receive(SocketChannel channel) throws IOException {
        channel.socket().setSoTimeout(LOST_AFTER_MILLIS);
        InputStream in = channel.socket().getInputStream();
        byte[] token = in.readNBytes(TOKEN_BYTES);
        if (token.length < TOKEN_BYTES) {
            throw new EOFException("an end after " + token.length + " of " + TOKEN_BYTES + " bytes");
        }
        return ByteBuffer.wrap(token);
    }

    /** Whether the token asks both sides to flood. */
    static boolean isFlood(ByteBuffer token) {
        return (token.get(0) & 1) == 1;
    }

    /** Whether this is the error of a side when the other has ended the connection. */
    static boolean isEnd(IOException e) {
        String message = String.valueOf(e.getMessage());
        return e instanceof EOFException
                || message.startsWith("Connection reset")
                || message.startsWith("Broken pipe")
                || message.startsWith("Transport endpoint is not connected");
    }
}
