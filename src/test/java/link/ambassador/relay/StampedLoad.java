package link.ambassador.relay;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients of {@link StampingUpstream}s behind a relay. Some connect as fast as they can; others hold a connection and
 * use it from time to time. Each response must be complete, and all responses of a connection must come from one
 * upstream.
 */
final class StampedLoad implements AutoCloseable {
    private static final int MAX_QUESTION_BYTES = 20_000;
    private static final int HOLDER_PAUSE_MILLIS = 100;

    private final InetSocketAddress relay;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong cut = new AtomicLong();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final boolean mayBeCut;
    private volatile boolean over;

    /** @param mayBeCut whether a reset or an end is allowed; a wrong byte is always a failure */
    StampedLoad(InetSocketAddress relay, int connecting, int holding, boolean mayBeCut) {
        this.relay = relay;
        this.mayBeCut = mayBeCut;
        for (int i = 0; i < connecting; i++) {
            long seed = i;
            threads.execute(() -> repeat(new Random(seed), 2, 0));
        }
        for (int i = 0; i < holding; i++) {
            long seed = -i;
            threads.execute(() -> repeat(new Random(seed), Integer.MAX_VALUE, HOLDER_PAUSE_MILLIS));
        }
    }

    long connections() {
        return connections.get();
    }

    long answers() {
        return answers.get();
    }

    /** How many connections ended before their client had finished. */
    long cut() {
        return cut.get();
    }

    List<String> failures() {
        return new ArrayList<>(failures);
    }

    private void repeat(Random random, int questions, int pauseMillis) {
        while (!over) {
            try (Socket socket = new Socket()) {
                if (connect(socket)) {
                    talk(socket, random, questions, pauseMillis);
                }
            } catch (IOException e) {
                cut.incrementAndGet();
                if (!mayBeCut && !over) {
                    failures.add("cut: " + e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private boolean connect(Socket socket) {
        try {
            socket.connect(relay);
            socket.setTcpNoDelay(true);
            connections.incrementAndGet();
            return true;
        } catch (IOException e) {
            // Java asks a new socket for its error, so a reset right after the handshake looks like a failed connect.
            if (!mayBeCut || e instanceof ConnectException) {
                failures.add("connect: " + e);
            }
            return false;
        }
    }

    private void talk(Socket socket, Random random, int questions, int pauseMillis)
            throws IOException, InterruptedException {
        int stamp = -1;
        for (int i = 0; i < questions && !over; i++) {
            byte[] question = new byte[1 + random.nextInt(MAX_QUESTION_BYTES)];
            random.nextBytes(question);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            byte[] whole = new byte[4 + question.length];
            ByteBuffer.wrap(whole).putInt(question.length).put(question);
            out.write(whole);
            byte[] answer = socket.getInputStream().readNBytes(1 + question.length);
            if (answer.length < 1 + question.length) {
                throw new IOException("an end after " + answer.length + " of " + (1 + question.length) + " bytes");
            }
            if (stamp >= 0 && stamp != answer[0]) {
                failures.add("crossed: " + (char) stamp + " then " + (char) answer[0]);
            }
            stamp = answer[0];
            if (!Arrays.equals(question, Arrays.copyOfRange(answer, 1, answer.length))) {
                failures.add("a wrong byte");
            }
            answers.incrementAndGet();
            if (pauseMillis > 0) {
                Thread.sleep(pauseMillis);
            }
        }
    }

    @Override
    public void close() {
        over = true;
        threads.shutdown();
        boolean ended;
        try {
            ended = threads.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ended = false;
        }
        if (!ended) {
            throw new IllegalStateException("clients hang");
        }
    }
}
