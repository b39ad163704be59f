package link.ambassador.bench.failover;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Consumers that each hold a connection, write twice a second, look at each answer, and connect again after some writes and after each
 * failure. An odd phase is one in which the relay knows the roles: nothing may go wrong then on a connection that began in it.
 */
final class Consumers implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int WRITES_OF_A_CONNECTION = 10;
    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int STACK_BYTES = 128 * 1024;

    final AtomicLong writes = new AtomicLong();

    /** Writes that a replica refused: while roles changed; and when the relay knew them. */
    final AtomicLong refused = new AtomicLong();

    final AtomicLong refusedWhenKnown = new AtomicLong();

    /** Connects that failed: while roles changed; and when the relay knew them. */
    final AtomicLong unconnected = new AtomicLong();

    final AtomicLong unconnectedWhenKnown = new AtomicLong();

    /** Connections that ended under a write. One that is from before a change is reset by the failover. */
    final AtomicLong ended = new AtomicLong();

    final AtomicLong endedWhenKnown = new AtomicLong();

    private final InetSocketAddress address;
    private final AtomicInteger phase = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;

    Consumers(InetSocketAddress address, int count) {
        this.address = address;
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(null, this::consume, "consumer-" + i, STACK_BYTES);
            thread.start();
            threads.add(thread);
        }
    }

    private void consume() {
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(BETWEEN_NANOS));
        while (!over) {
            int began = phase.get();
            try (Redis.Connection connection = new Redis.Connection(address, PATIENCE_MILLIS)) {
                write(connection, began);
            } catch (IOException e) {
                count(began, unconnected, unconnectedWhenKnown);
                pause();
            }
        }
    }

    private void write(Redis.Connection connection, int began) {
        for (int i = 0; i < WRITES_OF_A_CONNECTION && !over; i++) {
            int before = phase.get();
            String answer;
            try {
                answer = connection.ask("SET key value");
            } catch (IOException e) {
                count(began, ended, endedWhenKnown);
                return;
            }
            if (answer.equals("+OK")) {
                writes.incrementAndGet();
            } else {
                count(before, refused, refusedWhenKnown);
            }
            pause();
        }
    }

    private void count(int began, AtomicLong inAChange, AtomicLong whenKnown) {
        if (!over) {
            (began % 2 == 1 && phase.get() == began ? whenKnown : inAChange).incrementAndGet();
        }
    }

    private static void pause() {
        LockSupport.parkNanos(BETWEEN_NANOS / 2 + ThreadLocalRandom.current().nextLong(BETWEEN_NANOS));
    }

    /** The relay knows the roles, or does not any longer. */
    void nextPhase() {
        phase.incrementAndGet();
    }

    @Override
    public void close() {
        over = true;
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(30));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
