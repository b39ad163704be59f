package link.ambassador.operator.status;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionType;
import link.ambassador.link.Link;
import link.ambassador.link.LinkTable;
import link.ambassador.link.Target;
import link.ambassador.operator.delivery.Known;
import link.ambassador.operator.delivery.Known.Standing;
import link.ambassador.operator.delivery.RelayAnswer;
import link.ambassador.operator.delivery.RelayAnswer.LinkAnswer;
import link.ambassador.operator.delivery.RelayAnswer.TargetAnswer;
import link.ambassador.operator.delivery.RelayPod;

/** An Ambassador's life, reconcile by reconcile, with the time in the test's hand. */
final class Scene {
    static final Instant START = Instant.parse("2026-11-25T10:00:00Z");

    private final List<RelaySeen> relays = new ArrayList<>();
    private Instant now = START;
    private long generation = 1;
    private Acceptance acceptance = Acceptance.ACCEPTED;
    private String placement = "gateway";
    private int wanted = 2;
    private List<Story> standing = List.of();
    private LinkTable served = table("r1", "redis-a");
    private LinkTable before;
    AmbassadorStatus status;
    List<Story> told = List.of();

    static LinkTable table(String revision, String... hosts) {
        List<Target> targets =
                List.of(hosts).stream().map(host -> new Target(host, 6379)).toList();
        return new LinkTable(Optional.of(revision), List.of(), List.of(Link.of("redis", 6379, targets)));
    }

    static Known known(Standing standing) {
        return new Known(standing, standing == Standing.ACKNOWLEDGED ? "" : "is " + standing, Optional.empty());
    }

    static RelayAnswer answer(String revision, TargetAnswer... targets) {
        return new RelayAnswer(
                "0.1.0",
                Optional.of(revision),
                Optional.empty(),
                List.of(new LinkAnswer("redis", 6379, true, "", List.of(targets))));
    }

    static RelayPod pod(String name) {
        return new RelayPod("shop", name, "uid-" + name, Optional.of("10.0.0.1"), true, false, true);
    }

    Scene relay(String name, Standing standing) {
        return relay(pod(name), known(standing));
    }

    Scene relay(RelayPod pod, Known known) {
        relays.removeIf(seen -> seen.pod().name().equals(pod.name()));
        relays.add(new RelaySeen(pod, known));
        return this;
    }

    Scene retarget(LinkTable table) {
        generation++;
        before = served;
        served = table;
        return this;
    }

    Scene otherGeneration() {
        generation++;
        return this;
    }

    Scene acceptance(Acceptance now) {
        acceptance = now;
        return this;
    }

    Scene sidecars(int selected, Story... stands) {
        placement = "sidecar";
        wanted = selected;
        standing = List.of(stands);
        return this;
    }

    Scene after(Duration time) {
        now = now.plus(time);
        return this;
    }

    Scene reconcile() {
        AmbassadorStatus next = NextStatus.of(observed(), status);
        told = Story.between(status, next);
        status = next;
        before = served;
        return this;
    }

    Observed observed() {
        return new Observed(
                generation,
                acceptance,
                Optional.of(served),
                Optional.ofNullable(before),
                placement,
                wanted,
                List.copyOf(relays),
                Optional.empty(),
                standing,
                15990,
                "0.1.0",
                now);
    }

    /** Status and reason of a condition: {@code True Acknowledged}. */
    String condition(ConditionType type) {
        return NextStatus.condition(Optional.of(status), type)
                .map(condition -> condition.getStatus() + " " + condition.getReason())
                .orElse("");
    }

    String message(ConditionType type) {
        return NextStatus.condition(Optional.of(status), type).orElseThrow().getMessage();
    }

    List<String> toldReasons() {
        return told.stream().map(Story::reason).toList();
    }
}
