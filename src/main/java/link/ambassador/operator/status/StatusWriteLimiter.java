package link.ambassador.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.model.StagedTargets;

/**
 * Keeps the latest status of each Ambassador, written or not, and limits how often it is written. Lost with the process; then the latest
 * second of progress is lost.
 *
 * <p>A write takes a token. There are {@value #MOST_TOKENS}, and one comes back every {@link #TOKEN_EVERY}. A changed condition, which
 * somebody may be waiting for, is written at once while a token is left. Progress, such as a count that went up, waits for {@link
 * #BETWEEN_PROGRESS}, and leaves one token for the end. So the end of a retarget is written at once, and a storm of edits costs no
 * more than one write a second.
 */
public final class StatusWriteLimiter {
    static final int MOST_TOKENS = 3;
    static final Duration TOKEN_EVERY = Duration.ofMillis(1100);
    static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(1);

    /**
     * @param status the latest
     * @param written the one that was written last
     * @param tokens at {@code writtenAt}, after that write; a fraction is a token that has come back in part
     */
    private record Entry(AmbassadorStatus status, AmbassadorStatus written, Instant writtenAt, double tokens) {}

    private final Map<String, Entry> byUid = new ConcurrentHashMap<>();

    /** The status that the next status follows from; null when there is none. */
    public AmbassadorStatus latest(Ambassador ambassador) {
        Entry entry = byUid.get(ambassador.getMetadata().getUid());
        return entry == null ? ambassador.getStatus() : entry.status();
    }

    /**
     * Keeps {@code status} as the latest.
     *
     * @return how long its write has to wait; zero when it may be written now, and then it counts as written; empty when the resource
     *     has this status already
     */
    public Optional<Duration> keep(Ambassador ambassador, AmbassadorStatus status, Instant now) {
        String uid = ambassador.getMetadata().getUid();
        Entry before = byUid.getOrDefault(uid, new Entry(null, null, Instant.EPOCH, MOST_TOKENS));
        // A clock that was set back must not prevent a write.
        Duration since = before.writtenAt().isAfter(now) ? BETWEEN_PROGRESS : Duration.between(before.writtenAt(), now);
        if (status.equals(ambassador.getStatus())) {
            byUid.put(uid, new Entry(status, before.written(), before.writtenAt(), before.tokens()));
            return Optional.empty();
        }
        double tokens = Math.min(MOST_TOKENS, before.tokens() + parts(since, TOKEN_EVERY));
        Duration wait = wait(status, before.written(), since, tokens);
        if (wait.isZero()) {
            byUid.put(uid, new Entry(status, status, now, tokens - 1));
        } else {
            byUid.put(uid, new Entry(status, before.written(), before.writtenAt(), before.tokens()));
        }
        return Optional.of(wait);
    }

    private static Duration wait(AmbassadorStatus status, AmbassadorStatus written, Duration since, double tokens) {
        if (written != null && !isUrgent(status, written)) {
            // Progress; or a write that the resource does not show yet, or that failed.
            return longer(until(BETWEEN_PROGRESS, since), untilToken(2, tokens));
        }
        return untilToken(1, tokens);
    }

    /** Whether a condition changed since the latest write, or other tables follow from the status, or it is about another revision. */
    private static boolean isUrgent(AmbassadorStatus status, AmbassadorStatus written) {
        return !Objects.equals(status.revision(), written.revision())
                || StagedTargets.areOthers(written, status)
                || !conditions(status).equals(conditions(written));
    }

    private static List<String> conditions(AmbassadorStatus status) {
        return status.conditions().stream()
                .map((Condition condition) -> condition.getType() + " " + condition.getStatus() + " "
                        + condition.getReason() + " " + condition.getObservedGeneration())
                .toList();
    }

    private static Duration untilToken(int wanted, double tokens) {
        long nanos = (long) Math.ceil((wanted - tokens) * TOKEN_EVERY.toNanos());
        return nanos <= 0 ? Duration.ZERO : Duration.ofMillis(nanos / 1_000_000 + 1);
    }

    private static Duration until(Duration wanted, Duration since) {
        return since.compareTo(wanted) >= 0 ? Duration.ZERO : wanted.minus(since);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static double parts(Duration since, Duration of) {
        return (double) since.toMillis() / of.toMillis();
    }

    public void retain(Predicate<String> exists) {
        byUid.keySet().removeIf(exists.negate());
    }
}
