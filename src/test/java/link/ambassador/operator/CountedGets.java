package link.ambassador.operator;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what is asked of the API server for single objects, by a part of their path. */
final class CountedGets implements Interceptor {
    private final AtomicInteger count = new AtomicInteger();
    private final String part;

    CountedGets(String part) {
        this.part = part;
    }

    int count() {
        return count.get();
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (request.method().equals("GET") && request.uri().getPath().contains(part)) {
            count.incrementAndGet();
        }
    }
}
