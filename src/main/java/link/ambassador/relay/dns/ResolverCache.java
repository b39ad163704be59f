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
 * The answers of DNS: fresh for their TTL, then kept as the last good ones for when the servers fail. No name is
 * queried more often than once a second.
 */
final class ResolverCache {
    private static final long NEGATIVE_TTL_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** The least time between two queries for a name. */
    private static final long MIN_FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
    /**
     * Within this time before the end of a TTL, a call queries again: enough for a silent server and one that answers.
     */
    private static final long REFRESH_AHEAD_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long LAST_GOOD_NANOS = TimeUnit.MINUTES.toNanos(5);
    /** Names come from link tables, which are bounded. This bound is for the names that many edits leave behind. */
    private static final int MAX_ENTRIES = 1024;

    private final LongSupplier nanoTime;
    private final Map<String, Entry> entries = new HashMap<>();

    /** @param good the last good addresses; null if there are none */
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

    /** The outcome that is still valid; null if the servers must be queried. */
    Future<List<InetAddress>> fresh(String name) {
        Entry entry = entries.get(name);
        return entry != null && entry.freshUntil() - nanoTime.getAsLong() > 0 ? entry.outcome() : null;
    }

    /** Whether a fresh answer ends so soon that a query now saves a later caller the wait. */
    boolean endsSoon(String name) {
        Entry entry = entries.get(name);
        if (entry == null || entry.outcome().failed()) {
            return false;
        }
        long now = nanoTime.getAsLong();
        return entry.freshUntil() - REFRESH_AHEAD_NANOS - now <= 0 && entry.answeredAt() + MIN_FRESH_NANOS - now <= 0;
    }

    /** Ends the TTL of all answers; they stay as the last good ones. */
    void expire() {
        long now = nanoTime.getAsLong();
        entries.replaceAll((name, entry) -> entry.freshUntil(now));
    }

    /** These addresses could not be connected. If they are the last answer, it is fresh for one second at most. */
    void distrust(String name, List<InetAddress> addresses) {
        entries.computeIfPresent(name, (key, entry) -> {
            long until = entry.answeredAt() + MIN_FRESH_NANOS;
            boolean shorter = addresses.equals(entry.good()) && until - entry.freshUntil() < 0;
            return shorter ? entry.freshUntil(until) : entry;
        });
    }

    /** Completes the promise with the outcome of a query, and caches it if it is current. */
    void settle(String name, AsyncResult<DnsAnswer> answer, boolean current, Promise<List<InetAddress>> promise) {
        long now = nanoTime.getAsLong();
        Entry entry = answer.succeeded() ? good(answer.result(), now) : failed(name, answer.cause(), now);
        if (current) {
            if (entries.size() >= MAX_ENTRIES) {
                entries.values().removeIf(old -> old.freshUntil() - now <= 0 && old.goodUntil() - now <= 0);
            }
            if (entries.size() < MAX_ENTRIES || entries.containsKey(name)) {
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
        return new Entry(
                outcome, now, now + NEGATIVE_TTL_NANOS, keep ? old.good() : null, keep ? old.goodUntil() : now);
    }
}
