package link.ambassador.operator.status;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionType;
import link.ambassador.api.v1alpha1.HoldSpec;
import link.ambassador.config.DurationSyntax;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Hold;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.config.Word;
import link.ambassador.model.DesiredHold;
import link.ambassador.model.Placement;
import link.ambassador.operator.delivery.RelayPod;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.CertificateAnswer;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelayStatus.TargetAnswer;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/** An Ambassador's life, reconcile by reconcile, with the time in the test's hand. */
final class StatusFixture {
    static final Instant START = Instant.parse("2026-11-25T10:00:00Z");

    private final List<ObservedRelay> relays = new ArrayList<>();
    private Instant now = START;
    private long generation = 1;
    private Acceptance acceptance = Acceptance.ACCEPTED;
    private Placement placement = Placement.GATEWAY;
    private int wanted = 2;
    private List<AmbassadorEvent> ongoing = List.of();
    private LinkTable served = table("r1", "redis-a");
    private LinkTable before;
    private HoldSpec hold;
    AmbassadorStatus status;
    List<AmbassadorEvent> told = List.of();

    static LinkTable table(String revision, String... hosts) {
        List<Target> targets =
                List.of(hosts).stream().map(host -> new Target(host, 6379)).toList();
        return new LinkTable(Optional.of(revision), List.of(), List.of(Link.of("redis", 6379, targets)));
    }

    static RelaySync known(SyncState state) {
        return new RelaySync(state, state == SyncState.ACKNOWLEDGED ? "" : "is " + state, Optional.empty());
    }

    static RelayStatus answer(String revision, TargetAnswer... targets) {
        return new RelayStatus(
                "0.1.0",
                Optional.of(revision),
                Optional.empty(),
                List.of(new LinkAnswer("redis", 6379, true, "", List.of(targets), Optional.empty())));
    }

    static RelayStatus answer(String revision, CertificateAnswer certificate) {
        return new RelayStatus(
                "0.1.0",
                Optional.of(revision),
                Optional.empty(),
                List.of(new LinkAnswer("redis", 6379, true, "", List.of(), Optional.empty())),
                List.of(certificate));
    }

    static RelayPod pod(String name) {
        return new RelayPod("shop", name, "uid-" + name, Optional.of("10.0.0.1"), true, false, true);
    }

    StatusFixture relay(String name, SyncState state) {
        return relay(pod(name), known(state));
    }

    StatusFixture relay(RelayPod pod, RelaySync known) {
        relays.removeIf(seen -> seen.pod().name().equals(pod.name()));
        relays.add(new ObservedRelay(pod, known));
        return this;
    }

    StatusFixture retarget(LinkTable table) {
        generation++;
        before = served;
        served = table;
        return this;
    }

    StatusFixture otherGeneration() {
        generation++;
        return this;
    }

    /** An edit: from now on the spec asks for this hold; null removes it. */
    StatusFixture hold(HoldSpec asked) {
        generation++;
        hold = asked;
        return this;
    }

    /** The table is as the spec and the stored status make it: its link is held, if there is a hold. */
    StatusFixture write(String revision) {
        Optional<Hold> inTable = Optional.ofNullable(hold).flatMap(asked -> DesiredHold.startedAt(status)
                .map(start -> new Hold(
                        start,
                        DurationSyntax.parse(asked.timeout()).orElseThrow(),
                        Hold.DEFAULT_WHEN_EXPIRED,
                        Hold.DEFAULT_MAX_HELD,
                        Word.parse(ExistingConnections.class, asked.existingConnections())
                                .orElseThrow(),
                        Hold.DEFAULT_DRAIN_TIMEOUT)));
        before = served;
        served = new LinkTable(
                Optional.of(revision),
                List.of(),
                List.of(served.links().get(0).toBuilder().hold(inTable).build()));
        return this;
    }

    StatusFixture acceptance(Acceptance now) {
        acceptance = now;
        return this;
    }

    StatusFixture sidecars(int selected, AmbassadorEvent... ongoingEvents) {
        placement = Placement.SIDECAR;
        wanted = selected;
        ongoing = List.of(ongoingEvents);
        return this;
    }

    StatusFixture after(Duration time) {
        now = now.plus(time);
        return this;
    }

    StatusFixture reconcile() {
        AmbassadorStatus next = StatusFactory.of(observed(), status);
        told = AmbassadorEvent.between(status, next);
        status = next;
        before = served;
        return this;
    }

    ObservedState observed() {
        return new ObservedState(
                new ObservedState.Reconcile("redis", generation, "0.1.0", now, Optional.ofNullable(hold)),
                placement,
                acceptance,
                new ObservedState.Tables(Optional.ofNullable(before), Optional.of(served)),
                wanted,
                List.copyOf(relays),
                Optional.empty(),
                ongoing,
                false);
    }

    /** Status and reason of a condition: {@code True Acknowledged}. */
    String condition(ConditionType type) {
        return StatusFactory.condition(Optional.of(status), type)
                .map(condition -> condition.getStatus() + " " + condition.getReason())
                .orElse("");
    }

    String message(ConditionType type) {
        return StatusFactory.condition(Optional.of(status), type).orElseThrow().getMessage();
    }

    List<String> toldReasons() {
        return told.stream().map(AmbassadorEvent::reason).toList();
    }
}
