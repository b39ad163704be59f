package link.ambassador.operator.delivery;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import link.ambassador.link.Shown;
import link.ambassador.operator.delivery.Known.Standing;

/**
 * The delivery of one revision to one relay; every method is called on one Vert.x context, its owner's.
 *
 * <pre>
 *              the table was written just now
 *   start ───────────────────────────────────► NUDGING ──sent──► WAITING
 *     │                                           ▲                 │ {@link Pace}
 *     │ it may have the table already             │ round over      ▼
 *     └─────────────────────────────────────────► │ ◄─────────── ASKING ──acknowledged──► DONE
 * </pre>
 */
public final class PodDelivery {
    private final Vertx vertx;
    private final Nudges nudges;
    private final Questions questions;
    private final Runnable changed;
    private final String revision;
    private RelayPod pod;
    private Known known = Known.NOT_ASKED;
    private int round;
    private int asked;
    private int nudged;
    private long timer = -1;
    private boolean over;
    private boolean gone;

    /** What the API server said to the latest nudge; empty when it took it. */
    private Optional<String> refusal = Optional.empty();

    /**
     * One that has not begun.
     *
     * @param nudged how often the pod was nudged for this revision before: the same nudge again would be no change of the pod
     * @param changed told whenever {@link #known()} is another than before
     */
    public PodDelivery(
            Vertx vertx,
            Nudges nudges,
            Questions questions,
            RelayPod pod,
            String revision,
            int nudged,
            Runnable changed) {
        this.vertx = vertx;
        this.nudges = nudges;
        this.questions = questions;
        this.pod = pod;
        this.revision = revision;
        this.nudged = nudged;
        this.changed = changed;
    }

    public Known known() {
        return known;
    }

    public String revision() {
        return revision;
    }

    /** How often the pod was nudged for its revision. */
    int nudges() {
        return nudged;
    }

    /** Whether it is time to begin anew, if the pod still lacks the table: nothing of this one would give it to it soon. */
    public boolean isAtItsEnd() {
        return gone
                || refusal.isPresent()
                || switch (known.standing()) {
                    case ACKNOWLEDGED, SILENT, IN_ERROR -> true;
                    case BEHIND, NOT_ASKED -> false;
                };
    }

    /**
     * Begins.
     *
     * @param written whether the table is written just now, so that the relay cannot have it yet
     */
    public void start(boolean written) {
        if (written) {
            nudge();
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
        if (known.standing() == Standing.ACKNOWLEDGED) {
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

    private void nudge() {
        nudges.nudge(pod, revision, nudged++).onComplete(this::nudged);
    }

    private void nudged(AsyncResult<Nudges.Outcome> outcome) {
        if (over) {
            return;
        }
        if (outcome.succeeded() && outcome.result() == Nudges.Outcome.GONE) {
            over = true;
            gone = true;
            return;
        }
        refusal = outcome.succeeded()
                ? Optional.empty()
                : Optional.of(Shown.sentence(String.valueOf(outcome.cause().getMessage())));
        if (refusal.isPresent()) {
            know(known);
        }
        // A nudge that failed is followed by questions all the same: the kubelet refreshes by itself in the end.
        askLater();
    }

    private void askLater() {
        timer = vertx.setTimer(Pace.before(round, asked).toMillis(), elapsed -> {
            timer = -1;
            ask();
        });
    }

    private void ask() {
        asked++;
        questions.ask(pod).onComplete(this::answered);
    }

    private void answered(AsyncResult<RelayAnswer> answer) {
        if (over) {
            return;
        }
        know(
                answer.succeeded()
                        ? Known.of(answer.result(), revision)
                        : Known.silent(String.valueOf(answer.cause().getMessage())));
        switch (known.standing()) {
            case ACKNOWLEDGED -> {}
            case BEHIND -> again(true);
            // One that is still starting reads the table as it is, and of one that was never nudged nothing says that
            // it has another: a restarted operator must not write on every pod that it cannot ask.
            case SILENT -> again(nudged > 0 && pod.ready() && round < Pace.ROUNDS_IN_SILENCE);
            case IN_ERROR -> again(false);
            case NOT_ASKED -> throw new IllegalStateException("it was asked");
        }
    }

    private void again(boolean nudging) {
        // One that is not ready has hardly started, and reads the table by itself.
        boolean firstWord = nudged == 0 && known.standing() == Standing.BEHIND && pod.ready();
        if (asked < Pace.ASKS_PER_ROUND && !firstWord) {
            askLater();
            return;
        }
        asked = 0;
        round += firstWord ? 0 : 1;
        if (nudging) {
            nudge();
        } else {
            askLater();
        }
    }

    private void know(Known found) {
        Known now = refusal.map(found::refused).orElse(found);
        if (!now.equals(known)) {
            known = now;
            changed.run();
        }
    }
}
