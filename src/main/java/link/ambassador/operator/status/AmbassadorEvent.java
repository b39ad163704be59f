package link.ambassador.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.ConditionType;
import link.ambassador.api.v1alpha1.HoldStatus;
import link.ambassador.api.v1alpha1.LastHold;
import link.ambassador.api.v1alpha1.LastRetarget;
import link.ambassador.api.v1alpha1.RolloutStatus;

/**
 * What an Event reports.
 *
 * @param reason RetargetStarted, Converged, HoldStarted, Stalled, Conflict, TargetIsSelf, …
 */
public record AmbassadorEvent(boolean warning, String reason, String message) {
    private static final Set<String> STALLED = Set.of(
            ConditionReason.STALLED.word(),
            ConditionReason.UNACKNOWLEDGED.word(),
            ConditionReason.RELAY_TOO_OLD.word(),
            ConditionReason.CREDENTIAL_NOT_MOUNTED.word(),
            ConditionReason.REFS_NOT_RESOLVED.word(),
            ConditionReason.RELAY_IN_ERROR.word());

    /**
     * What happened between two statuses, in order. Equal statuses give no Event, so a restarted operator records none.
     *
     * @param before null when there was none
     */
    public static List<AmbassadorEvent> between(AmbassadorStatus before, AmbassadorStatus after) {
        List<AmbassadorEvent> events = new ArrayList<>();
        Optional<AmbassadorStatus> earlier = Optional.ofNullable(before);
        changed(earlier, after, ConditionType.ACCEPTED)
                .or(() -> refusedAgain(earlier, after))
                .filter(accepted -> accepted.getStatus().equals("False"))
                .ifPresent(
                        accepted -> events.add(new AmbassadorEvent(true, accepted.getReason(), accepted.getMessage())));
        changed(earlier, after, ConditionType.READY)
                .filter(ready -> ready.getReason().equals(ConditionReason.RESTART_NEEDED.word()))
                .ifPresent(ready -> events.add(new AmbassadorEvent(true, ready.getReason(), ready.getMessage())));
        startedRetarget(earlier, after)
                .ifPresent(retarget -> events.add(new AmbassadorEvent(
                        false,
                        "RetargetStarted",
                        "From " + shown(retarget.from()) + " to " + shown(retarget.to()) + ", revision "
                                + retarget.revision() + ".")));
        endedHold(earlier, after).map(AmbassadorEvent::ended).ifPresent(events::add);
        startedHold(earlier, after)
                .ifPresent(hold -> events.add(new AmbassadorEvent(
                        false, "HoldStarted", "New connections wait, until " + hold.until() + " at the latest.")));
        step(earlier, after).ifPresent(events::add);
        changed(earlier, after, ConditionType.CONVERGED).ifPresent(converged -> {
            if (STALLED.contains(converged.getReason())) {
                events.add(new AmbassadorEvent(true, "Stalled", converged.getMessage()));
            } else if (converged.getReason().equals(ConditionReason.PREFLIGHT_FAILED.word())) {
                events.add(new AmbassadorEvent(true, converged.getReason(), converged.getMessage()));
            } else if (converged.getReason().equals(ConditionReason.ACKNOWLEDGED.word())) {
                events.add(new AmbassadorEvent(false, "Converged", converged(after)));
            }
        });
        return events;
    }

    /** The beginning of a step of a staged retarget, or its end without success. */
    private static Optional<AmbassadorEvent> step(Optional<AmbassadorStatus> before, AmbassadorStatus after) {
        RolloutStatus now = after.rollout();
        Optional<RolloutStatus> was = before.map(AmbassadorStatus::rollout);
        if (now == null || now.step() == null) {
            return Optional.empty();
        }
        boolean same = was.filter(earlier -> stepsPhase(earlier).equals(stepsPhase(now))
                        && Objects.equals(earlier.step(), now.step())
                        && Objects.equals(earlier.targets(), now.targets())
                        && Objects.equals(earlier.generation(), now.generation())
                        && Objects.equals(earlier.retry(), now.retry()))
                .isPresent();
        String message = StatusFactory.condition(Optional.of(after), ConditionType.CONVERGED)
                .map(Condition::getMessage)
                .orElse("");
        return same
                ? Optional.empty()
                : Optional.of(
                        stepsPhase(now).equals(RolloutStatus.PHASE_STAGED)
                                ? new AmbassadorEvent(
                                        false,
                                        "RetargetStep",
                                        "Step " + now.step() + " of " + now.steps() + " of the retarget to "
                                                + after.summary().target() + " begins"
                                                + (now.waitsForHold() ? " after the hold." : "."))
                                : new AmbassadorEvent(true, now.phase(), message));
    }

    /** A hold is told by its own Events. */
    private static String stepsPhase(RolloutStatus rollout) {
        return rollout.waitsForHold() ? RolloutStatus.PHASE_STAGED : String.valueOf(rollout.phase());
    }

    /** How long the retarget took that has ended since {@code before}; for the histogram. Empty when none has. */
    public static Optional<Duration> convergedIn(AmbassadorStatus before, AmbassadorStatus after) {
        LastRetarget now = after.lastRetarget();
        if (now == null || now.convergedAt() == null) {
            return Optional.empty();
        }
        boolean reported = before != null && now.equals(before.lastRetarget());
        return reported
                ? Optional.empty()
                : Optional.of(Duration.between(Instant.parse(now.startedAt()), Instant.parse(now.convergedAt())));
    }

    private static String converged(AmbassadorStatus after) {
        String relays = after.relays().converged() == 1
                ? "The relay serves"
                : after.relays().converged() + " relays serve";
        LastRetarget retarget = after.lastRetarget();
        boolean timed = retarget != null
                && retarget.convergedAt() != null
                && retarget.revision().equals(after.revision());
        String time = timed
                ? " after "
                        + Duration.between(Instant.parse(retarget.startedAt()), Instant.parse(retarget.convergedAt()))
                                .toMillis()
                        + " ms"
                : "";
        return relays + " revision " + after.revision() + time + ".";
    }

    private static Optional<LastRetarget> startedRetarget(Optional<AmbassadorStatus> before, AmbassadorStatus after) {
        Optional<LastRetarget> earlier = before.map(AmbassadorStatus::lastRetarget);
        return Optional.ofNullable(after.lastRetarget())
                .filter(retarget -> earlier.filter(was -> was.startedAt().equals(retarget.startedAt())
                                && was.revision().equals(retarget.revision()))
                        .isEmpty());
    }

    private static Optional<HoldStatus> startedHold(Optional<AmbassadorStatus> before, AmbassadorStatus after) {
        Optional<String> earlier = before.map(AmbassadorStatus::hold).map(HoldStatus::startedAt);
        return Optional.ofNullable(after.hold())
                .filter(hold -> hold.until() != null
                        && earlier.filter(hold.startedAt()::equals).isEmpty());
    }

    private static Optional<LastHold> endedHold(Optional<AmbassadorStatus> before, AmbassadorStatus after) {
        return Optional.ofNullable(after.lastHold()).filter(ended -> before.map(AmbassadorStatus::lastHold)
                .filter(ended::equals)
                .isEmpty());
    }

    private static AmbassadorEvent ended(LastHold hold) {
        String waited = hold.connections() == 1 ? "1 connection waited" : hold.connections() + " connections waited";
        String longest = hold.longestWait() == null ? "" : ", the longest for " + hold.longestWait();
        boolean expired = hold.outcome().equals(LastHold.EXPIRED);
        return new AmbassadorEvent(
                expired,
                expired ? "HoldExpired" : "HoldReleased",
                (expired ? "The timeout of the hold has passed. " : "") + waited + longest + ".");
    }

    /**
     * An edit that is refused like the edit before it. Once for each edit, not for each message: the message of a webhook may contain
     * the time, or the request.
     */
    private static Optional<Condition> refusedAgain(Optional<AmbassadorStatus> before, AmbassadorStatus after) {
        Optional<Long> earlier = before.map(AmbassadorStatus::observedGeneration);
        return StatusFactory.condition(Optional.of(after), ConditionType.ACCEPTED)
                .filter(accepted -> accepted.getReason().equals(ConditionReason.REFUSED.word())
                        && !earlier.equals(Optional.of(after.observedGeneration())));
    }

    /** The condition, if its status or reason changed, or if it is about another revision. */
    private static Optional<Condition> changed(
            Optional<AmbassadorStatus> before, AmbassadorStatus after, ConditionType type) {
        Optional<Condition> earlier = StatusFactory.condition(before, type);
        boolean sameRevision = type != ConditionType.CONVERGED
                || before.map(AmbassadorStatus::revision).equals(Optional.ofNullable(after.revision()));
        return StatusFactory.condition(Optional.of(after), type)
                .filter(condition -> !sameRevision
                        || earlier.filter(was -> was.getReason().equals(condition.getReason())
                                        && was.getStatus().equals(condition.getStatus()))
                                .isEmpty());
    }

    private static String shown(String targets) {
        return targets.isEmpty() ? "no target" : targets;
    }
}
