package link.ambassador.operator.status;

import static link.ambassador.api.v1alpha1.ConditionType.HELD;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.api.v1alpha1.HoldSpec;
import link.ambassador.config.DurationSyntax;
import link.ambassador.config.Hold;
import link.ambassador.config.LinkTable;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelayStatus.HoldAnswer;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What the status says of holds after any sequence of edits, silences of relays, restarts of the operator and time. */
class HeldPropertiesTest {
    private enum Step {
        HOLD_A_MINUTE,
        HOLD_TEN_SECONDS,
        RELEASE,
        DELIVER_TO_A,
        DELIVER_TO_B,
        A_IS_SILENT,
        A_ANSWERS,
        RESTART,
        A_SECOND_PASSES,
        TWENTY_SECONDS_PASS
    }

    /** A relay: its table, and the last hold of its link. */
    private static final class Relay {
        private LinkTable table = StatusFixture.table("r0", "redis-a");
        private Optional<Hold> last = Optional.empty();
        private boolean silent;
        private boolean polled = true;

        void deliver(LinkTable next) {
            table = next;
            hold().ifPresent(hold -> last = Optional.of(hold));
        }

        Optional<Hold> hold() {
            return table.links().get(0).hold();
        }

        boolean holds(Instant now) {
            return hold().filter(hold -> now.isBefore(hold.until())).isPresent();
        }

        RelaySync sync(String revision, Instant now) {
            if (!polled) {
                return RelaySync.PENDING;
            }
            if (silent) {
                return StatusFixture.known(SyncState.UNREACHABLE);
            }
            Optional<HoldAnswer> answer = last.map(hold -> new HoldAnswer(
                    hold.startedAt(),
                    holds(now) ? "holding" : hold().isPresent() ? "expired" : "removed",
                    holds(now) ? 1 : 0,
                    0,
                    1,
                    Duration.ofSeconds(1)));
            return RelaySync.of(
                    new RelayStatus(
                            "0.1.0",
                            table.revision(),
                            Optional.empty(),
                            List.of(new LinkAnswer("redis", 6379, true, "", List.of(), answer))),
                    revision);
        }
    }

    @Property(tries = 300)
    void itIsNeverHeldWhileARelayLetsConnectionsThroughAndEveryHoldEndsOnce(@ForAll("steps") List<Step> steps) {
        new Life().live(steps);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Arbitraries.of(Step.class).list().ofMaxSize(40);
    }

    /** Of one Ambassador. */
    private static final class Life {
        private final StatusFixture scene = new StatusFixture();
        private final Map<String, Relay> relays = new LinkedHashMap<>(Map.of("a", new Relay(), "b", new Relay()));
        private final List<String> told = new ArrayList<>();
        private Optional<HoldSpec> wanted = Optional.empty();
        private Optional<String> start = Optional.empty();
        private int revision;

        void live(List<Step> steps) {
            reconcile();
            for (Step step : steps) {
                take(step);
                reconcile();
                relays.values().forEach(relay -> relay.polled = true);
                reconcile();
            }

            take(Step.RELEASE);
            take(Step.A_ANSWERS);
            reconcile();
            take(Step.DELIVER_TO_A);
            take(Step.DELIVER_TO_B);
            reconcile();
            assertThat(scene.status.hold()).isNull();
            assertThat(scene.condition(HELD)).isEqualTo("False NotHeld");
            assertThat(told.size() % 2).as("%s", told).isZero();
        }

        private void take(Step step) {
            switch (step) {
                case HOLD_A_MINUTE -> edit(Optional.of(hold("1m")));
                case HOLD_TEN_SECONDS -> edit(Optional.of(hold("10s")));
                case RELEASE -> edit(Optional.empty());
                case DELIVER_TO_A -> relays.get("a").deliver(served());
                case DELIVER_TO_B -> relays.get("b").deliver(served());
                case A_IS_SILENT -> relays.get("a").silent = true;
                case A_ANSWERS -> relays.get("a").silent = false;
                case RESTART -> relays.values().forEach(relay -> relay.polled = false);
                case A_SECOND_PASSES -> scene.after(Duration.ofSeconds(1));
                case TWENTY_SECONDS_PASS -> scene.after(Duration.ofSeconds(20));
            }
        }

        private void edit(Optional<HoldSpec> spec) {
            if (spec.isEmpty() || wanted.isEmpty()) {
                start = Optional.empty();
            }
            wanted = spec;
            // No two edits are seen at one moment.
            scene.after(Duration.ofMillis(1));
            scene.hold(spec.orElse(null));
        }

        /** As the operator does: the status, the table that is made from it, and the status again. */
        private void reconcile() {
            report();
            scene.write("r" + ++revision);
            report();
        }

        private void report() {
            ObservedState observed = scene.observed();
            relays.forEach((name, relay) -> scene.relay(
                    StatusFixture.pod(name),
                    relay.sync(
                            observed.revision().orElseThrow(),
                            observed.reconcile().now())));
            scene.reconcile();
            scene.toldReasons().stream()
                    .filter(reason -> reason.startsWith("Hold"))
                    .forEach(reason -> {
                        assertThat(reason.equals("HoldStarted"))
                                .as("%s and then %s", told, reason)
                                .isEqualTo(told.size() % 2 == 0);
                        told.add(reason);
                    });
            check(observed.reconcile().now());
        }

        private void check(Instant now) {
            wanted.ifPresent(spec -> {
                String startedAt = scene.status.hold().startedAt();
                assertThat(scene.status.hold().releasedAt()).isNull();
                start.ifPresent(first -> assertThat(startedAt).isEqualTo(first));
                start = Optional.of(startedAt);
                assertThat(Instant.parse(scene.status.hold().until()))
                        .isEqualTo(Instant.parse(startedAt)
                                .plus(DurationSyntax.parse(spec.timeout()).orElseThrow()));
            });
            boolean allPolled = relays.values().stream().allMatch(relay -> relay.polled);
            if (scene.condition(HELD).startsWith("True") && allPolled) {
                assertThat(relays.values()).allMatch(relay -> relay.holds(now));
            }
        }

        private LinkTable served() {
            return scene.observed().tables().served().orElseThrow();
        }

        private static HoldSpec hold(String timeout) {
            return new HoldSpec(null, timeout, "Drain", null, null, null);
        }
    }
}
