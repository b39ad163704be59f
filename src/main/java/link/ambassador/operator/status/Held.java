package link.ambassador.operator.status;

import static link.ambassador.operator.status.StatusFactory.condition;

import io.fabric8.kubernetes.api.model.Condition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.ConditionType;
import link.ambassador.api.v1alpha1.HoldStatus;
import link.ambassador.api.v1alpha1.LastHold;

/**
 * How far a hold has come, and the condition Held that reports it.
 *
 * <pre>
 *   NotHeld ──spec.hold──► Draining ◄──► Holding ──timeout──► Expired ──spec.hold removed──► NotHeld
 *                             │ 30 s, and only relays that cannot be polled are missing
 *                             ▼
 *                       Unacknowledged
 * </pre>
 *
 * @param hold the hold; empty without one
 * @param ended the hold that has just ended, this one or the one before
 * @param isOnItsWay whether the spec asks for a hold that is in no table yet
 */
record Held(
        ConditionReason reason,
        String message,
        Optional<HoldStatus> hold,
        Optional<LastHold> ended,
        boolean isOnItsWay) {
    /** How long relays that cannot be polled are waited for. */
    static final Duration PATIENCE = Convergence.PATIENCE;

    /** Without a message: otherwise the column MESSAGE would show one of an Ambassador that is as it should be. */
    static final Held NOTHING = notHeld("", Optional.empty(), Optional.empty());

    /** @param before the status before */
    static Held of(ObservedState observed, Optional<AmbassadorStatus> before) {
        return new HeldDecision(observed, before).held();
    }

    static Held notHeld(String message, Optional<HoldStatus> hold, Optional<LastHold> ended) {
        return new Held(ConditionReason.NOT_HELD, message, hold, ended, false);
    }

    /** The same, and {@code other} has ended. */
    Held withEnded(LastHold other) {
        return new Held(reason, message, hold, Optional.of(other), isOnItsWay);
    }

    /** How long until it changes with time alone; empty when only an event can change it. */
    static Optional<Duration> changesAfter(ObservedState observed, AmbassadorStatus status) {
        HoldStatus hold = status.hold();
        if (hold == null || hold.until() == null || isExpired(Optional.of(status))) {
            return Optional.empty();
        }
        Instant now = observed.reconcile().now();
        Instant until = Instant.parse(hold.until());
        Instant next = (hold.releasedAt() == null
                        ? Stream.of(until, Instant.parse(hold.startedAt()).plus(PATIENCE))
                        : Stream.of(Instant.parse(hold.releasedAt()).plus(PATIENCE), until.plus(PATIENCE)))
                .filter(time -> time.isAfter(now))
                .min(Instant::compareTo)
                .orElse(now);
        return Optional.of(Duration.between(now, next).plusMillis(1));
    }

    static boolean isExpired(Optional<AmbassadorStatus> status) {
        return condition(status, ConditionType.HELD)
                .map(Condition::getReason)
                .filter(ConditionReason.EXPIRED.word()::equals)
                .isPresent();
    }
}
