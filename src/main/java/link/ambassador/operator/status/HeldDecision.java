package link.ambassador.operator.status;

import static link.ambassador.operator.status.StatusFactory.condition;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.ConditionType;
import link.ambassador.api.v1alpha1.HoldSpec;
import link.ambassador.api.v1alpha1.HoldStatus;
import link.ambassador.api.v1alpha1.LastHold;
import link.ambassador.config.DurationSyntax;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.config.WhenExpired;
import link.ambassador.model.DesiredHold;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/** What {@link Held} says after one reconcile. */
final class HeldDecision {
    private final ObservedState observed;
    private final Optional<AmbassadorStatus> before;
    private final Optional<HoldSpec> wanted;
    private final Instant now;
    private final Instant startedAt;

    /** Those of the links that the table holds by this hold. */
    private final Set<Integer> ports;

    private final HeldRelays relays;

    HeldDecision(ObservedState observed, Optional<AmbassadorStatus> before) {
        this.observed = observed;
        this.before = before;
        this.wanted = observed.reconcile().hold();
        this.now = observed.reconcile().now();
        this.startedAt = before.filter(status -> wanted.isEmpty() || !isReleased(status))
                .map(AmbassadorStatus::hold)
                .map(HoldStatus::startedAt)
                .flatMap(Hold::parseTime)
                .orElseGet(() -> now.truncatedTo(ChronoUnit.MILLIS));
        this.ports = served().filter(link -> link.hold().get().startedAt().equals(startedAt))
                .map(Link::listen)
                .collect(Collectors.toSet());
        this.relays = HeldRelays.of(observed.serving(), startedAt, ports);
    }

    private static boolean isReleased(AmbassadorStatus status) {
        return status.hold() != null && status.hold().releasedAt() != null;
    }

    private Stream<Link> served() {
        return observed.tables().served().stream()
                .flatMap(table -> table.links().stream())
                .filter(link -> link.hold().isPresent());
    }

    Held held() {
        // An edit that removes the hold and is not accepted leaves it in the table.
        if (wanted.isPresent() || !ports.isEmpty()) {
            Held asked = asked();
            return overtaken().map(asked::withEnded).orElse(asked);
        }
        return before.map(AmbassadorStatus::hold).map(this::removed).orElse(Held.NOTHING);
    }

    /** A hold that was released, and is followed by the next before all of its connections have left. */
    private Optional<LastHold> overtaken() {
        return before.filter(HeldDecision::isReleased)
                .map(AmbassadorStatus::hold)
                .flatMap(hold -> Hold.parseTime(hold.startedAt()).flatMap(start -> Hold.parseTime(hold.releasedAt())
                        .map(end -> last(
                                start,
                                LastHold.RELEASED,
                                end,
                                HeldRelays.of(observed.serving(), start, Set.of())
                                        .connections()))));
    }

    private Held asked() {
        Optional<Instant> until = wanted.map(HoldSpec::timeout)
                .flatMap(DurationSyntax::parse)
                .or(() -> served().map(link -> link.hold().get())
                        .map(Hold::timeout)
                        .findFirst())
                .map(startedAt::plus);
        HoldStatus status = status(until, Optional.empty());
        // It stays so with a longer timeout: its connections have left already, whether the relays can tell or not.
        boolean wasExpired = Held.isExpired(before);
        if (wasExpired || until.filter(end -> !now.isBefore(end)).isPresent() || relays.expired() > 0) {
            return expired(status);
        }
        if (ports.isEmpty()) {
            return inNoTable(status);
        }
        Optional<Held> sameAsBefore = relays.pending() == 0 ? Optional.empty() : sameAsBefore(until);
        return sameAsBefore.orElseGet(() -> asked(reason(), message(), status, false));
    }

    private Held inNoTable(HoldStatus status) {
        Optional<String> tooOld = observed.serving().stream()
                .filter(relay -> relay.is(SyncState.TOO_OLD))
                .map(relay -> relay.pod().name() + " " + relay.sync().sentence())
                .findFirst();
        if (!observed.acceptance().isAccepted()) {
            return asked(ConditionReason.NOT_HELD, "Nothing is held: the edit is not accepted.", status, false);
        }
        return tooOld.map(sentence ->
                        asked(ConditionReason.NOT_HELD, "Nothing is held: " + sentence + ".", status, false))
                .orElseGet(() ->
                        asked(ConditionReason.DRAINING, "The relays are about to be given the hold.", status, true));
    }

    private ConditionReason reason() {
        boolean empty = relays.connections().left() == 0 || keepsConnections();
        if (empty && relays.allHold()) {
            return ConditionReason.HOLDING;
        }
        boolean waitedForThem = Duration.between(startedAt, now).compareTo(Held.PATIENCE) >= 0;
        return empty && relays.onlyUnreachableMissing() && waitedForThem
                ? ConditionReason.HOLD_UNACKNOWLEDGED
                : ConditionReason.DRAINING;
    }

    private boolean keepsConnections() {
        return served().map(link -> link.hold().get())
                .allMatch(hold -> hold.existingConnections() == ExistingConnections.KEEP);
    }

    private String message() {
        if (relays.all() == 0) {
            return "No relay is running, so nothing reaches the targets.";
        }
        String holding = relays.allHold()
                ? relays.all() == 1 ? "1 relay holds" : relays.all() + " relays hold"
                : relays.holding() + " of " + relays.all() + " relays hold";
        String counts = holding + ", " + relays.connections().left() + " connections left, "
                + relays.connections().held() + " wait";
        String missing = relays.missing()
                .filter(sentence -> reason() != ConditionReason.HOLDING)
                .map(sentence -> "; " + sentence)
                .orElse("");
        return reason() == ConditionReason.HOLD_UNACKNOWLEDGED
                ? counts + missing + ". They may hold. Allow the operator to reach port "
                        + RelayEnvironment.DEFAULT_ADMIN_PORT + " of these pods."
                : counts + missing + ".";
    }

    /** What was known of this hold, while some relays were not polled for the revision yet. */
    private Optional<Held> sameAsBefore(Optional<Instant> until) {
        return before.filter(status ->
                        DesiredHold.startedAt(status).filter(startedAt::equals).isPresent())
                .flatMap(status -> condition(before, ConditionType.HELD)
                        .flatMap(condition -> StatusFactory.reasonOf(ConditionType.HELD, condition.getReason())
                                .map(reason -> asked(
                                        reason, condition.getMessage(), withCountsOf(status.hold(), until), false))));
    }

    private static HoldStatus withCountsOf(HoldStatus earlier, Optional<Instant> until) {
        return new HoldStatus(
                earlier.startedAt(),
                until.map(Instant::toString).orElse(null),
                null,
                earlier.relays(),
                earlier.connectionsLeft(),
                earlier.connectionsHeld());
    }

    private Held expired(HoldStatus status) {
        boolean told = Held.isExpired(before);
        boolean refuses = wanted.map(HoldSpec::whenExpired)
                .filter(WhenExpired.REFUSE.word()::equals)
                .isPresent();
        String message = "The timeout of the hold has passed. "
                + (refuses ? "The connections that waited were reset" : "The connections that waited go to the targets")
                + ", as new ones do. Remove spec.hold before you hold again.";
        return new Held(
                ConditionReason.EXPIRED,
                message,
                Optional.of(status),
                told ? Optional.empty() : Optional.of(last(LastHold.EXPIRED, now)),
                false);
    }

    /** The spec asks for no hold any more. Its connections leave one after the other. */
    private Held removed(HoldStatus earlier) {
        if (Held.isExpired(before)) {
            return Held.NOTHING;
        }
        Instant releasedAt = Optional.ofNullable(earlier.releasedAt())
                .flatMap(Hold::parseTime)
                .orElseGet(() -> now.truncatedTo(ChronoUnit.MILLIS));
        Optional<Instant> until = Optional.ofNullable(earlier.until()).flatMap(Hold::parseTime);
        boolean waitedForThem = Duration.between(releasedAt, now).compareTo(Held.PATIENCE) >= 0;
        // While a new target does not answer, a relay holds on, until the hold's own time.
        boolean holdOn = relays.holding() > 0
                && until.filter(end -> now.isBefore(end.plus(Held.PATIENCE))).isPresent();
        boolean haveLeft = relays.holding() + relays.pending() + relays.unreachable() == 0
                && relays.connections().held() == 0;
        if (haveLeft || (waitedForThem && !holdOn)) {
            LastHold ended = relays.expired() > 0 ? last(LastHold.EXPIRED, now) : last(LastHold.RELEASED, releasedAt);
            return Held.notHeld("", Optional.empty(), Optional.of(ended));
        }
        String message = waitedForThem
                ? relays.holding() + " of " + relays.all() + " relays hold on, "
                        + relays.connections().held() + " connections wait. The condition Converged says why."
                : "";
        return Held.notHeld(message, Optional.of(status(until, Optional.of(releasedAt))), Optional.empty());
    }

    private HoldStatus status(Optional<Instant> until, Optional<Instant> releasedAt) {
        return new HoldStatus(
                startedAt.toString(),
                until.map(Instant::toString).orElse(null),
                releasedAt.map(Instant::toString).orElse(null),
                relays.holding(),
                relays.connections().left(),
                relays.connections().held());
    }

    private LastHold last(String outcome, Instant endedAt) {
        return last(startedAt, outcome, endedAt, relays.connections());
    }

    private static LastHold last(
            Instant startedAt, String outcome, Instant endedAt, HeldRelays.Connections connections) {
        Duration longest = connections.longestWait().truncatedTo(ChronoUnit.MILLIS);
        return new LastHold(
                startedAt.toString(),
                endedAt.truncatedTo(ChronoUnit.MILLIS).toString(),
                outcome,
                connections.inAll(),
                longest.isZero() ? null : DurationSyntax.format(longest));
    }

    private static Held asked(ConditionReason reason, String message, HoldStatus status, boolean onItsWay) {
        return new Held(reason, message, Optional.of(status), Optional.empty(), onItsWay);
    }
}
