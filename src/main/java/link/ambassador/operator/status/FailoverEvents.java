package link.ambassador.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.ConditionType;
import link.ambassador.api.v1alpha1.TargetStatus;

/**
 * The Events FailedOver, FailedBack and NoHealthyTarget. Relays fail over each by itself, within seconds. So the first that does begins a time of
 * {@link #GATHERING}, at whose end one Event tells how many do. An Ambassador that fails over and back within that time has none. Callable
 * from any thread. Lost with the process: what another operator had gathered, nothing tells.
 */
public final class FailoverEvents {
    static final Duration GATHERING = Duration.ofSeconds(10);

    /**
     * Which targets serve.
     *
     * @param reason FAILED_OVER, NO_HEALTHY_TARGET, or CONNECTED for everything else
     * @param used the targets that relays use, if the reason is FAILED_OVER
     */
    private record Serving(ConditionReason reason, String used) {
        private static final Serving FIRST = new Serving(ConditionReason.CONNECTED, "");

        static Serving of(AmbassadorStatus status) {
            String reason = reachable(status).map(Condition::getReason).orElse("");
            if (reason.equals(ConditionReason.NO_HEALTHY_TARGET.word())) {
                return new Serving(ConditionReason.NO_HEALTHY_TARGET, "");
            }
            return reason.equals(ConditionReason.FAILED_OVER.word())
                    ? new Serving(
                            ConditionReason.FAILED_OVER,
                            targets(status).stream()
                                    .filter(target -> target.relays() > 0)
                                    .map(target -> target.listen() + " " + target.target())
                                    .collect(Collectors.toCollection(TreeSet::new))
                                    .toString())
                    : FIRST;
        }
    }

    /** @param since when it first differed from {@code reported}; empty while it does not */
    private record Entry(Serving reported, Optional<Instant> since) {}

    private final Map<String, Entry> byUid = new ConcurrentHashMap<>();

    /**
     * What is to be recorded now.
     *
     * @param uid of the Ambassador
     * @param before the status before; null when there was none
     */
    public Optional<AmbassadorEvent> next(String uid, AmbassadorStatus before, AmbassadorStatus after, Instant now) {
        Serving serving = Serving.of(after);
        Entry entry = byUid.computeIfAbsent(
                uid, first -> new Entry(before == null ? Serving.FIRST : Serving.of(before), Optional.empty()));
        if (serving.equals(entry.reported())) {
            keep(uid, serving, Optional.empty());
            return Optional.empty();
        }
        Instant since = entry.since().orElse(now);
        if (Duration.between(since, now).compareTo(GATHERING) < 0) {
            keep(uid, entry.reported(), Optional.of(since));
            return Optional.empty();
        }
        keep(uid, serving, Optional.empty());
        return Optional.of(event(serving, after));
    }

    private void keep(String uid, Serving reported, Optional<Instant> since) {
        byUid.put(uid, new Entry(reported, since));
    }

    /** How long until {@link #next} may have something to tell, although no relay answers anything else. */
    public Optional<Duration> after(String uid, Instant now) {
        return Optional.ofNullable(byUid.get(uid))
                .flatMap(Entry::since)
                .map(since -> Duration.between(now, since.plus(GATHERING)).plusMillis(1));
    }

    public void retain(Predicate<String> exists) {
        byUid.keySet().removeIf(exists.negate());
    }

    private static AmbassadorEvent event(Serving serving, AmbassadorStatus after) {
        String message = reachable(after).map(Condition::getMessage).orElse("");
        return switch (serving.reason()) {
            case FAILED_OVER -> new AmbassadorEvent(true, "FailedOver", message);
            case NO_HEALTHY_TARGET -> new AmbassadorEvent(true, "NoHealthyTarget", message);
            default -> new AmbassadorEvent(false, "FailedBack", failedBack(after));
        };
    }

    private static String failedBack(AmbassadorStatus status) {
        String used = targets(status).stream()
                .filter(target -> target.relays() > 0)
                .map(target ->
                        target.target() + " (" + target.relays() + (target.relays() == 1 ? " relay" : " relays") + ")")
                .collect(Collectors.joining(", "));
        return "The preferred targets are in use again" + (used.isEmpty() ? "." : ": " + used + ".");
    }

    private static List<TargetStatus> targets(AmbassadorStatus status) {
        return status.targets() == null ? List.of() : status.targets();
    }

    private static Optional<Condition> reachable(AmbassadorStatus status) {
        return StatusFactory.condition(Optional.of(status), ConditionType.TARGET_REACHABLE);
    }
}
