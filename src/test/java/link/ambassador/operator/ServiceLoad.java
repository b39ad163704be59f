package link.ambassador.operator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A consumer that connects, asks and closes some hundred times a second, and notes every failure. */
final class ServiceLoad implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(2);

    private final InetSocketAddress address;
    private final Duration patience;
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final AtomicLong connects = new AtomicLong();
    private final Thread thread = new Thread(this::run, "consumer");
    private volatile String last = "";
    private volatile boolean stopping;

    ServiceLoad(InetSocketAddress address) {
        this(address, ClusterNamespace.PATIENCE);
    }

    /** @param patience how long it waits for a connect, and for an answer */
    ServiceLoad(InetSocketAddress address, Duration patience) {
        this.address = address;
        this.patience = patience;
        thread.start();
    }

    private void run() {
        while (!stopping) {
            try {
                last = ClusterNamespace.whoAnswers(address, patience);
            } catch (IOException e) {
                failures.add(e.toString());
            }
            connects.incrementAndGet();
            // The cluster under test shares the processors with its consumer.
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    /** Who answered last. */
    String last() {
        return last;
    }

    long connects() {
        return connects.get();
    }

    List<String> failures() {
        return failures;
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!failures.isEmpty()) {
            System.out.printf("%d of %d connects to %s failed: %s%n", failures.size(), connects(), address, failures);
        }
    }
}
