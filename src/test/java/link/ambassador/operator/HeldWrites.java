package link.ambassador.operator;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Delays all writes into one namespace until it is closed. */
final class HeldWrites implements Interceptor, AutoCloseable {
    private final String part;
    private final AtomicInteger count = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    HeldWrites(String namespace) {
        this.part = "/namespaces/" + namespace + "/";
    }

    /** How many writes there were. */
    int count() {
        return count.get();
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (!request.method().equals("GET") && request.uri().getPath().contains(part)) {
            count.incrementAndGet();
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
