package link.ambassador.relay.dns;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import link.ambassador.relay.dns.UnresolvedException.Reason;

/**
 * What was answered: fresh for its TTL, then kept as the last good for when the servers fail. No name is asked for more
 * often than once a second.
 */
final class ResolverCache {
    private static final long NEGATIVE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** The time between two answers, whatever makes the first one doubtful. */
    private static final long LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** What is left of a TTL when who asks has the name asked for again: a silent server and one that answers fit in. */
    private static final long RENEWED_BEFORE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long LAST_GOOD_NANOS = TimeUnit.MINUTES.toNanos(5);
    /** Names come from link tables, which are bounded; this holds whatever many edits leave behind. */
    private static final int MOST = 1024;

    private final LongSupplier nanoTime;
    private final Map<String, Entry> entries = new HashMap<>();

    // good: the last addresses answered; null when there are none.
    private record Entry(
            Future<List<InetAddress>> outcome,
            long answeredAt,
            long freshUntil,
            List<InetAddress> good,
            long goodUntil) {

        Entry freshUntil(long nanos) {
            return new Entry(outcome, answeredAt, nanos, good, goodUntil);
        }
    }

    ResolverCache(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** The outcome that still counts; null when the servers must be asked. */
    Future<List<InetAddress>> fresh(String name) {
        Entry entry = entries.get(name);
        return entry != null && entry.freshUntil() - nanoTime.getAsLong() > 0 ? entry.outcome() : null;
    }

    /** Whether a fresh answer ends so soon that the name is better asked for now than by somebody who then waits. */
    boolean endsSoon(String name) {
        Entry entry = entries.get(name);
        if (entry == null || entry.outcome().failed()) {
            return false;
        }
        long now = nanoTime.getAsLong();
        return entry.freshUntil() - RENEWED_BEFORE_NANOS - now <= 0 && entry.answeredAt() + LEAST_NANOS - now <= 0;
    }

    /** Nothing is fresh any more; the last good stay. */
    void expire() {
        long now = nanoTime.getAsLong();
        entries.replaceAll((name, entry) -> entry.freshUntil(now));
    }

    /** These addresses of a name lead nowhere: if they are what was answered last, they are fresh for one second at most. */
    void doubt(String name, List<InetAddress> addresses) {
        entries.computeIfPresent(name, (key, entry) -> {
            long until = entry.answeredAt() + LEAST_NANOS;
            boolean shorter = addresses.equals(entry.good()) && until - entry.freshUntil() < 0;
            return shorter ? entry.freshUntil(until) : entry;
        });
    }

    /** Turns what the servers said into the outcome of the name, and keeps it if it is current. */
    void settle(String name, AsyncResult<DnsAnswer> answer, boolean current, Promise<List<InetAddress>> promise) {
        long now = nanoTime.getAsLong();
        Entry entry = answer.succeeded() ? good(answer.result(), now) : failed(name, answer.cause(), now);
        if (current) {
            if (entries.size() >= MOST) {
                entries.values().removeIf(old -> old.freshUntil() - now <= 0 && old.goodUntil() - now <= 0);
            }
            if (entries.size() < MOST || entries.containsKey(name)) {
                entries.put(name, entry);
            }
        }
        entry.outcome().onComplete(promise);
    }

    private static Entry good(DnsAnswer answer, long now) {
        return new Entry(
                Future.succeededFuture(answer.addresses()),
                now,
                now + TimeUnit.SECONDS.toNanos(answer.ttlSeconds()),
                answer.addresses(),
                now + LAST_GOOD_NANOS);
    }

    private Entry failed(String name, Throwable cause, long now) {
        Entry old = entries.get(name);
        boolean answered = cause instanceof UnresolvedException failure && failure.reason() == Reason.NOT_FOUND;
        boolean keep = !answered && old != null && old.good() != null && old.goodUntil() - now > 0;
        Future<List<InetAddress>> outcome = keep ? Future.succeededFuture(old.good()) : Future.failedFuture(cause);
        return new Entry(outcome, now, now + NEGATIVE_NANOS, keep ? old.good() : null, keep ? old.goodUntil() : now);
    }
}
