package link.ambassador.operator.delivery;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import link.ambassador.config.Printable;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/**
 * The delivery of one revision to one relay. Every method is called on one Vert.x context, its owner's.
 *
 * <pre>
 *              the table was written just now
 *   start ───────────────────────────────────► REFRESHING ──sent──► WAITING
 *     │                                           ▲                 │ {@link PollSchedule}
 *     │ it may have the table already             │ round over      ▼
 *     └─────────────────────────────────────────► │ ◄─────────── POLLING ──acknowledged──► DONE
 * </pre>
 */
public final class PodDelivery {
    private final Vertx vertx;
    private final PodAnnotations.Write write;
    private final Function<RelayPod, Future<RelayStatus>> poll;
    private final Consumer<PodDelivery> changed;
    private final String revision;
    private final HoldPolls holdPolls;
    private final HealthPolls healthPolls;
    private RelayPod pod;
    private RelaySync sync = RelaySync.PENDING;
    private int round;
    private int polled;
    private int refreshed;
    private long timer = -1;
    private boolean stopped;
    private boolean gone;

    /** Whether {@link #holdPolls} counts the relay. */
    private boolean holds;

    /** Whether {@link #healthPolls} counts the relay. */
    private boolean checks;

    /** How often the relay was polled because it holds. */
    private int polledForHold;

    /** Why the API server rejected the latest write; empty when it accepted that. */
    private Optional<String> refusal = Optional.empty();

    /**
     * A delivery that has not begun.
     *
     * @param write writes an annotation of the pod, and so makes the kubelet refresh the relay's file
     * @param refreshed how often the pod was refreshed for this revision before. The same annotation again would change nothing
     * @param holdPolls counts the relays of the owner that are polled because they hold
     * @param healthPolls counts the relays of the owner that are polled because they check the health of targets
     * @param changed called after each change of {@link #sync()}; must not block
     */
    public PodDelivery(
            Vertx vertx,
            PodAnnotations.Write write,
            Function<RelayPod, Future<RelayStatus>> poll,
            RelayPod pod,
            String revision,
            int refreshed,
            HoldPolls holdPolls,
            HealthPolls healthPolls,
            Consumer<PodDelivery> changed) {
        this.vertx = vertx;
        this.write = write;
        this.poll = poll;
        this.pod = pod;
        this.revision = revision;
        this.refreshed = refreshed;
        this.holdPolls = holdPolls;
        this.healthPolls = healthPolls;
        this.changed = changed;
    }

    /** What is known of the relay with regard to the revision. */
    public RelaySync sync() {
        return sync;
    }

    public String revision() {
        return revision;
    }

    /** How often the pod was refreshed for this revision. */
    int refreshes() {
        return refreshed;
    }

    /**
     * Whether nothing in flight will give the pod the table soon. If the pod still lacks it, a new delivery has to begin.
     */
    public boolean isIdle() {
        return gone
                || refusal.isPresent()
                || switch (sync.state()) {
                    case ACKNOWLEDGED, DIALLING, KEPT, UNREACHABLE, ERROR, TOO_OLD, WITHOUT_CREDENTIAL -> true;
                    case STALE, PENDING -> false;
                };
    }

    /**
     * Begins.
     *
     * @param written whether the table is written just now, so that the relay cannot have it yet
     */
    public void start(boolean written) {
        if (written) {
            refresh();
        } else {
            poll();
        }
    }

    /** Takes the pod's new address or phase. */
    public void update(RelayPod now) {
        boolean becameReady = now.ready() && !pod.ready();
        pod = now;
        if (becameReady && timer >= 0) {
            vertx.cancelTimer(timer);
            timer = -1;
            poll();
        }
    }

    /** Polls a relay that acknowledged once more. If it serves another table by now, the delivery goes on. */
    public Future<Void> sample() {
        if (sync.state() != SyncState.ACKNOWLEDGED || timer >= 0) {
            return Future.succeededFuture();
        }
        polled = 0;
        round = 0;
        return poll.apply(pod)
                .onSuccess(answer -> answered(Future.succeededFuture(answer)))
                .mapEmpty();
    }

    public void stop() {
        stopped = true;
        holds(false);
        checks(false);
        if (timer >= 0) {
            vertx.cancelTimer(timer);
        }
    }

    private void refresh() {
        write.write(pod, revision, refreshed++).onComplete(this::refreshed);
    }

    private void refreshed(AsyncResult<PodAnnotations.Outcome> outcome) {
        if (stopped) {
            return;
        }
        if (outcome.succeeded() && outcome.result() == PodAnnotations.Outcome.GONE) {
            stopped = true;
            gone = true;
            return;
        }
        refusal = outcome.succeeded()
                ? Optional.empty()
                : Optional.of(Printable.sentence(String.valueOf(outcome.cause().getMessage())));
        if (refusal.isPresent()) {
            update(sync);
        }
        // Also after a refresh that failed: the kubelet refreshes by itself in the end.
        pollLater();
    }

    private void pollLater() {
        timer = vertx.setTimer(PollSchedule.before(round, polled).toMillis(), elapsed -> {
            timer = -1;
            poll();
        });
    }

    private void poll() {
        polled++;
        poll.apply(pod).onComplete(this::answered);
    }

    private void answered(AsyncResult<RelayStatus> answer) {
        if (stopped) {
            return;
        }
        update(
                answer.succeeded()
                        ? RelaySync.of(answer.result(), revision)
                        : RelaySync.unreachable(String.valueOf(answer.cause().getMessage())));
        holds(answer.succeeded() && answer.result().isHolding());
        checks(answer.succeeded() && answer.result().isChecking());
        switch (sync.state()) {
            case ACKNOWLEDGED -> {
                if (answer.result().dialsCandidate()) {
                    again(false);
                } else {
                    pollAgain();
                }
            }
            case STALE -> again(true);
            // A relay that still starts reads the table by itself. And a relay that was never refreshed may well
            // have the table: a restarted operator must not write to every pod that it cannot poll.
            case UNREACHABLE -> again(refreshed > 0 && pod.ready() && round < PollSchedule.MOST_UNREACHABLE_ROUNDS);
            case DIALLING, KEPT, ERROR -> again(false);
            case PENDING, TOO_OLD, WITHOUT_CREDENTIAL ->
                throw new IllegalStateException("no answer of a relay means this");
        }
    }

    /**
     * Polls a relay that acknowledged, because it holds or checks: for what has become of its connections, and which targets it uses. A poll
     * that fails tells nothing: the relay ends the hold at its deadline by itself, and fails over by itself.
     */
    private void pollAgain() {
        if (timer >= 0) {
            return;
        }
        Optional<Duration> wait = waitForHold();
        if (wait.isEmpty() && checks) {
            wait = Optional.of(healthPolls.before(pod.namespace()));
        }
        if (wait.isEmpty()) {
            return;
        }
        timer = vertx.setTimer(wait.get().toMillis(), elapsed -> {
            timer = -1;
            poll.apply(pod).onComplete(answer -> {
                if (answer.succeeded()) {
                    answered(answer);
                } else if (!stopped) {
                    pollAgain();
                }
            });
        });
    }

    /** Empty when the relay does not hold, or holds for longer than it can. */
    private Optional<Duration> waitForHold() {
        Optional<Duration> wait = holdPolls.before(pod.namespace(), polledForHold);
        if (wait.isEmpty()) {
            holds(false);
        }
        if (!holds) {
            return Optional.empty();
        }
        polledForHold++;
        return wait;
    }

    private void checks(boolean now) {
        if (now && !checks) {
            healthPolls.begin(pod.namespace());
        } else if (!now && checks) {
            healthPolls.end(pod.namespace());
        }
        checks = now;
    }

    private void holds(boolean now) {
        if (now && !holds) {
            holdPolls.begin(pod.namespace());
        } else if (!now && holds) {
            holdPolls.end(pod.namespace());
        }
        holds = now;
    }

    private void again(boolean refresh) {
        // A relay that is not ready has hardly started, and reads the table by itself.
        boolean firstStaleAnswer = refreshed == 0 && sync.state() == SyncState.STALE && pod.ready();
        if (polled < PollSchedule.POLLS_PER_ROUND && !firstStaleAnswer) {
            pollLater();
            return;
        }
        polled = 0;
        round += firstStaleAnswer ? 0 : 1;
        if (refresh) {
            refresh();
        } else {
            pollLater();
        }
    }

    private void update(RelaySync found) {
        RelaySync now = refusal.map(found::refused).orElse(found);
        boolean news = !now.tellsTheSameAs(sync);
        sync = now;
        if (news) {
            changed.accept(this);
        }
    }
}
