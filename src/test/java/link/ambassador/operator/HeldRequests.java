package link.ambassador.operator;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Delays all requests of one kind until it is closed. */
final class HeldRequests implements Interceptor, AutoCloseable {
    private final Predicate<HttpRequest> kind;
    private final AtomicInteger count = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    private HeldRequests(Predicate<HttpRequest> kind) {
        this.kind = kind;
    }

    /** Writes into one namespace. */
    static HeldRequests writes(String namespace) {
        String part = "/namespaces/" + namespace + "/";
        return new HeldRequests(request ->
                !request.method().equals("GET") && request.uri().getPath().contains(part));
    }

    /** Reads of one Ambassador of a namespace. */
    static HeldRequests readsOfAmbassadors(String namespace) {
        String part = "/namespaces/" + namespace + "/ambassadors/";
        return new HeldRequests(request ->
                request.method().equals("GET") && request.uri().getPath().contains(part));
    }

    /** How many there were. */
    int count() {
        return count.get();
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (kind.test(request)) {
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
