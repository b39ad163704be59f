package link.ambassador.operator;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;

/**
 * The latest status of each Ambassador, written or not: it is written at most once a second, while what is in it goes on.
 * Lost with the process, which costs no more than what the last second told.
 */
final class StatusMemory {
    static final Duration BETWEEN_WRITES = Duration.ofSeconds(1);

    private record Entry(AmbassadorStatus status, Instant writtenAt) {}

    private final Map<String, Entry> byUid = new ConcurrentHashMap<>();

    /** The status that the next one follows from; null when there is none. */
    AmbassadorStatus latest(Ambassador ambassador) {
        Entry entry = byUid.get(ambassador.getMetadata().getUid());
        return entry == null ? ambassador.getStatus() : entry.status();
    }

    /**
     * Keeps {@code status} as the latest.
     *
     * @return how long its write has to wait; zero when it may be written now, and then counts as written; empty when the
     *     resource says so already
     */
    Optional<Duration> keep(Ambassador ambassador, AmbassadorStatus status, Instant now) {
        String uid = ambassador.getMetadata().getUid();
        Entry before = byUid.get(uid);
        Instant written = before == null ? Instant.MIN : before.writtenAt();
        if (status.equals(ambassador.getStatus())) {
            byUid.put(uid, new Entry(status, written));
            return Optional.empty();
        }
        boolean mayWrite = before == null || !written.plus(BETWEEN_WRITES).isAfter(now);
        byUid.put(uid, new Entry(status, mayWrite ? now : written));
        return Optional.of(mayWrite ? Duration.ZERO : Duration.between(now, written.plus(BETWEEN_WRITES)));
    }

    void retain(Predicate<String> uidLives) {
        byUid.keySet().removeIf(uidLives.negate());
    }
}
