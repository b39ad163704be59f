package link.ambassador.relay.probe;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.config.HealthCheck;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.relay.dial.CheckedTargets;
import link.ambassador.relay.dial.DialException;
import link.ambassador.relay.dial.Dials;

/**
 * Probes the targets of one link that {@link CheckedTargets} ask for, each as often as {@link ProbeTimes} allow. On the event loop.
 */
public final class Prober {
    private static final Logger LOG = Logger.getLogger(Prober.class.getName());

    /** How many probes have ended. */
    public record Counts(long ok, long failed) {}

    /** Takes a file descriptor for a probe, and returns it. */
    public interface Descriptors {
        boolean acquire();

        void release();
    }

    private static final class Schedule {
        private ScheduledFuture<?> timer;
        private long timerNanos;
        private boolean running;
        private Optional<ProbeTimes> last = Optional.empty();

        /** Whether the last probe got an answer, and not the one that is expected. */
        private boolean otherAnswer;
    }

    private final EventLoop loop;
    private final HealthCheck check;
    private final Dials dials;
    private final Descriptors descriptors;
    private final CredentialFiles credentials;
    private final CheckedTargets targets;
    private final Map<Target, Schedule> schedules = new HashMap<>();
    private long ok;
    private long failed;
    private boolean closed;

    /**
     * Probes nothing yet: see {@link #update}.
     *
     * @param dials for the connects of probes; nobody learns from them but the prober
     */
    public Prober(
            EventLoop loop,
            HealthCheck check,
            CheckedTargets targets,
            Dials dials,
            Descriptors descriptors,
            CredentialFiles credentials) {
        this.loop = loop;
        this.check = check;
        this.targets = targets;
        this.dials = dials;
        this.descriptors = descriptors;
        this.credentials = credentials;
    }

    public Counts counts() {
        return new Counts(ok, failed);
    }

    /** What to probe may have changed. */
    public void update() {
        if (closed) {
            return;
        }
        schedules.entrySet().removeIf(entry -> {
            boolean gone = !entry.getValue().running && !targets.all().contains(entry.getKey());
            if (gone) {
                stop(entry.getValue());
            }
            return gone;
        });
        for (Target target : targets.all()) {
            Schedule schedule = schedules.get(target);
            if (!targets.wantsProbes(target)) {
                if (schedule != null) {
                    stop(schedule);
                }
            } else {
                plan(target, schedules.computeIfAbsent(target, key -> new Schedule()));
            }
        }
    }

    private void plan(Target target, Schedule schedule) {
        if (schedule.running) {
            return;
        }
        long now = System.nanoTime();
        long at = schedule.last
                .map(times -> times.nextNanos(targets.isAwaited(target), areRolesDoubted()))
                .orElse(now);
        if (schedule.timer != null && schedule.timerNanos - at > 0) {
            stop(schedule);
        }
        if (schedule.timer == null) {
            schedule.timerNanos = at;
            schedule.timer = loop.schedule(() -> due(target, schedule), Math.max(0, at - now), TimeUnit.NANOSECONDS);
        }
    }

    /** Whether a healthy target has given another answer: then another target may be the one to use. */
    private boolean areRolesDoubted() {
        return schedules.entrySet().stream()
                .anyMatch(entry -> entry.getValue().otherAnswer && targets.isDoubted(entry.getKey()));
    }

    private static void stop(Schedule schedule) {
        if (schedule.timer != null) {
            schedule.timer.cancel(false);
            schedule.timer = null;
        }
    }

    private void due(Target target, Schedule schedule) {
        schedule.timer = null;
        targets.timePassed();
        if (closed || schedule.running || !targets.wantsProbes(target)) {
            return;
        }
        schedule.running = true;
        schedule.last = Optional.of(ProbeTimes.began(System.nanoTime(), check.interval()));
        if (!descriptors.acquire()) {
            // It says nothing of the target.
            schedule.running = false;
            plan(target, schedule);
            return;
        }
        probe(target).onComplete(result -> {
            descriptors.release();
            schedule.running = false;
            if (!closed) {
                Optional<ProbeFailure> failure =
                        result.succeeded() ? result.result() : Optional.of(failure(target, result.cause()));
                schedule.otherAnswer = failure.map(ProbeFailure::isAnswer).orElse(false);
                ended(target, failure.map(ProbeFailure::why));
                update();
            }
        });
    }

    private static ProbeFailure failure(Target target, Throwable cause) {
        if (cause instanceof DialException known) {
            return new ProbeFailure(known.getMessage(), false);
        }
        LOG.log(Level.SEVERE, cause, () -> "an error in the relay ended a health check of " + target);
        return new ProbeFailure("an error in the relay, which it logged", false).of(target);
    }

    private void ended(Target target, Optional<String> why) {
        if (why.isEmpty()) {
            ok++;
            targets.probeSucceeded(target);
        } else {
            failed++;
            LOG.log(Level.FINE, "health check of {0}: {1}", new Object[] {target, why.get()});
            targets.probeFailed(target, why.get());
        }
    }

    /** Empty if the target is healthy; else why it is not, with its name in front. */
    private Future<Optional<ProbeFailure>> probe(Target target) {
        long endNanos = System.nanoTime() + check.timeout().toNanos();
        return check.credential().isEmpty()
                ? probe(target, Optional.empty(), endNanos)
                : credentials
                        .read(check.credential().get())
                        .transform(read -> read.succeeded()
                                ? probe(target, Optional.of(read.result()), endNanos)
                                : Future.succeededFuture(Optional.of(
                                        new ProbeFailure(read.cause().getMessage(), false))));
    }

    private Future<Optional<ProbeFailure>> probe(Target target, Optional<String> secret, long endNanos) {
        Target probed = check.port().isPresent()
                ? new Target(target.host(), check.port().getAsInt())
                : target;
        Duration left = Duration.ofNanos(Math.max(1, endNanos - System.nanoTime()));
        return dials.start(List.of(probed), left, WhenUnavailable.REFUSE)
                .outcome()
                .compose(connected -> ProbeConnection.run(
                        connected.channel(),
                        Dialogue.of(check.check(), probed, secret),
                        Math.max(1, endNanos - System.nanoTime())))
                .map(failure -> failure.map(one -> one.of(probed)));
    }

    /** Probes nothing any longer. What is under way ends by itself, and is told to nobody. */
    public void close() {
        closed = true;
        schedules.values().forEach(Prober::stop);
    }
}
