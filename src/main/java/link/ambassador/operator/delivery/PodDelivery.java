package link.ambassador.operator.delivery;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import link.ambassador.config.Printable;
import link.ambassador.operator.delivery.RelaySync.SyncState;

/**
 * The delivery of one revision to one relay; every method is called on one Vert.x context, its owner's.
 *
 * <pre>
 *              the table was written just now
 *   start ───────────────────────────────────► NUDGING ──sent──► WAITING
 *     │                                           ▲                 │ {@link PollSchedule}
 *     │ it may have the table already             │ round over      ▼
 *     └─────────────────────────────────────────► │ ◄─────────── ASKING ──acknowledged──► DONE
 * </pre>
 */
public final class PodDelivery {
    private final Vertx vertx;
    private final KubeletRefresh refreshes;
    private final RelayPolls questions;
    private final Runnable changed;
    private final String revision;
    private RelayPod pod;
    private RelaySync known = RelaySync.PENDING;
    private int round;
    private int asked;
    private int refreshed;
    private long timer = -1;
    private boolean over;
    private boolean gone;

    /** What the API server said to the latest refresh; empty when it took it. */
    private Optional<String> refusal = Optional.empty();

    /**
     * One that has not begun.
     *
     * @param refreshed how often the pod was refreshed for this revision before: the same refresh again would be no change of the pod
     * @param changed told whenever {@link #known()} is another than before
     */
    public PodDelivery(
            Vertx vertx,
            KubeletRefresh refreshes,
            RelayPolls questions,
            RelayPod pod,
            String revision,
            int refreshed,
            Runnable changed) {
        this.vertx = vertx;
        this.refreshes = refreshes;
        this.questions = questions;
        this.pod = pod;
        this.revision = revision;
        this.refreshed = refreshed;
        this.changed = changed;
    }

    public RelaySync known() {
        return known;
    }

    public String revision() {
        return revision;
    }

    /** How often the pod was refreshed for its revision. */
    int refreshes() {
        return refreshed;
    }

    /** Whether it is time to begin anew, if the pod still lacks the table: nothing of this one would give it to it soon. */
    public boolean isAtItsEnd() {
        return gone
                || refusal.isPresent()
                || switch (known.state()) {
                    case ACKNOWLEDGED, UNREACHABLE, ERROR -> true;
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
            ask();
        }
    }

    /** The same pod, with another address or phase. */
    public void update(RelayPod now) {
        boolean becameReady = now.ready() && !pod.ready();
        pod = now;
        if (becameReady && timer >= 0) {
            vertx.cancelTimer(timer);
            timer = -1;
            ask();
        }
    }

    /** The sample of a relay that acknowledged: it is asked once, unless it serves the table no more. */
    public void sample() {
        if (known.state() == SyncState.ACKNOWLEDGED) {
            asked = 0;
            round = 0;
            questions.ask(pod).onSuccess(answer -> answered(Future.succeededFuture(answer)));
        }
    }

    public void stop() {
        over = true;
        if (timer >= 0) {
            vertx.cancelTimer(timer);
        }
    }

    private void refresh() {
        refreshes.refresh(pod, revision, refreshed++).onComplete(this::refreshed);
    }

    private void refreshed(AsyncResult<KubeletRefresh.Outcome> outcome) {
        if (over) {
            return;
        }
        if (outcome.succeeded() && outcome.result() == KubeletRefresh.Outcome.GONE) {
            over = true;
            gone = true;
            return;
        }
        refusal = outcome.succeeded()
                ? Optional.empty()
                : Optional.of(Printable.sentence(String.valueOf(outcome.cause().getMessage())));
        if (refusal.isPresent()) {
            know(known);
        }
        // A refresh that failed is followed by questions all the same: the kubelet refreshes by itself in the end.
        askLater();
    }

    private void askLater() {
        timer = vertx.setTimer(PollSchedule.before(round, asked).toMillis(), elapsed -> {
            timer = -1;
            ask();
        });
    }

    private void ask() {
        asked++;
        questions.ask(pod).onComplete(this::answered);
    }

    private void answered(AsyncResult<RelayStatus> answer) {
        if (over) {
            return;
        }
        know(
                answer.succeeded()
                        ? RelaySync.of(answer.result(), revision)
                        : RelaySync.silent(String.valueOf(answer.cause().getMessage())));
        switch (known.state()) {
            case ACKNOWLEDGED -> {}
            case STALE -> again(true);
            // One that is still starting reads the table as it is, and of one that was never refreshed nothing says
            // that
            // it has another: a restarted operator must not write on every pod that it cannot ask.
            case UNREACHABLE -> again(refreshed > 0 && pod.ready() && round < PollSchedule.ROUNDS_IN_SILENCE);
            case ERROR -> again(false);
            case PENDING -> throw new IllegalStateException("it was asked");
        }
    }

    private void again(boolean nudging) {
        // One that is not ready has hardly started, and reads the table by itself.
        boolean firstWord = refreshed == 0 && known.state() == SyncState.STALE && pod.ready();
        if (asked < PollSchedule.ASKS_PER_ROUND && !firstWord) {
            askLater();
            return;
        }
        asked = 0;
        round += firstWord ? 0 : 1;
        if (nudging) {
            refresh();
        } else {
            askLater();
        }
    }

    private void know(RelaySync found) {
        RelaySync now = refusal.map(found::refused).orElse(found);
        if (!now.equals(known)) {
            known = now;
            changed.run();
        }
    }
}
