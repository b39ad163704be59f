package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The tools of a scenario: both addresses of the relay, its peers, and the end of everything that was opened. */
public final class Wire implements AutoCloseable {

    private final InetSocketAddress relay;
    private final InetSocketAddress target;
    private final Deque<AutoCloseable> opened = new ConcurrentLinkedDeque<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "relayspec-peer");
        thread.setDaemon(true);
        return thread;
    });
    private UpstreamListener listener;

    public Wire(InetSocketAddress relay, InetSocketAddress target) {
        this.relay = relay;
        this.target = target;
    }

    /** Both ends of a new relayed connection. */
    public Pair open() throws IOException {
        return open(0);
    }

    /** Both ends, each with a bounded receive buffer. */
    Pair open(int receiveBuffer) throws IOException {
        listen(receiveBuffer);
        Downstream downstream = connect(receiveBuffer);
        return new Pair(downstream, accept());
    }

    public Downstream connect() throws IOException {
        return connect(0);
    }

    private Downstream connect(int receiveBuffer) throws IOException {
        return owned(Downstream.connect(relay, receiveBuffer));
    }

    public Upstream accept() throws IOException {
        return owned(listener.accept());
    }

    /** Makes the upstream listen; before, it refuses. */
    public void listen() throws IOException {
        listen(0);
    }

    private void listen(int receiveBuffer) throws IOException {
        if (listener == null) {
            listener = owned(new UpstreamListener(target, receiveBuffer));
        }
    }

    UpstreamListener listener() {
        return listener;
    }

    /** Makes the upstream's port drop every SYN, until the hole is opened. */
    public BlackHole blackHole() throws IOException {
        return owned(new BlackHole(target));
    }

    <T extends AutoCloseable> T owned(T resource) {
        opened.push(resource);
        return resource;
    }

    /** Runs work on another thread. */
    <T> Future<T> meanwhile(Callable<T> work) {
        return threads.submit(work);
    }

    /** Sends bytes on another thread, because they may be more than the other side reads at once. */
    public Future<Void> sendMeanwhile(Peer peer, byte[] bytes) {
        return meanwhile(() -> {
            peer.send(bytes);
            return null;
        });
    }

    @Override
    public void close() {
        opened.forEach(Wire::end);
        threads.shutdownNow();
        try {
            threads.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(AutoCloseable resource) {
        try {
            // With a reset, so that nothing of this scenario stays in the relay or in TIME_WAIT.
            if (resource instanceof Peer peer) {
                peer.reset();
            } else {
                resource.close();
            }
        } catch (SocketException alreadyClosed) {
            // The scenario closed it already.
        } catch (Exception e) {
            throw new IllegalStateException("cannot end " + resource, e);
        }
    }
}
