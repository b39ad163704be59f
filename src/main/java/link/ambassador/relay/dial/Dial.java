package link.ambassador.relay.dial;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;

/**
 * The dial for one downstream connection: target by target, until one connects or all have failed. If the link says so,
 * it then tries them again for a while. Called on the event loop.
 */
public final class Dial {
    /** The connection that won, with the target and the address that it reached. */
    public record Connected(Target target, InetSocketAddress address, Channel channel) {}

    private static final Logger LOG = Logger.getLogger(Dial.class.getName());

    private final Dials shared;
    private final Channel downstream;
    private final Duration connectTimeout;
    private final WhenUnavailable whenUnavailable;
    private final Promise<Connected> outcome = Promise.promise();
    private final Set<Target> untried = new LinkedHashSet<>();
    private List<Target> targets;
    private HappyEyeballs current;
    private Object terms;

    /** Null until every target has failed. */
    private Retries retries;

    /** Ends the wait for a probe; null while the dial does not wait for one. */
    private ScheduledFuture<?> probeDeadline;

    /** Whether a target of this round failed in a way that a wait may mend. */
    private boolean mayHeal;

    /** Whether the current attempt is the one that tries an ejected target for all dials. */
    private boolean trial;

    /** Whether an attempt of this dial was such a trial. */
    private boolean hadTrial;

    private boolean over;

    /** {@link Dials#start} and {@link Dials#connected} make one. */
    Dial(
            Dials shared,
            Channel downstream,
            List<Target> targets,
            Duration connectTimeout,
            WhenUnavailable whenUnavailable) {
        this.shared = shared;
        this.downstream = downstream;
        this.targets = targets;
        this.connectTimeout = connectTimeout;
        this.whenUnavailable = whenUnavailable;
    }

    /** Begins at once. */
    void begin() {
        if (shared.health().checked() != null) {
            shared.health().follows(this);
        }
        run(this::round);
    }

    /** Has succeeded, because a connection was there already. */
    void succeed(Connected connection) {
        over = true;
        shared.health().record(connection.target(), DialResult.OK, "");
        shared.tried().accept(connection.target(), DialResult.OK);
        outcome.complete(connection);
    }

    /**
     * The connection; or {@link DialException}, also after {@link #cancel()}; or another exception, which is an error
     * in the relay. Completes once, on the event loop.
     */
    public Future<Connected> outcome() {
        return outcome.future();
    }

    /** The downstream is gone: closes what is under way. Does nothing if the dial is over. */
    public void cancel() {
        if (!over) {
            fail(new DialException(DialResult.CANCELLED, "cancelled: the downstream is gone"));
        }
    }

    /**
     * Dials a new list of targets. The attempt under way goes on only if the new list would begin with its target. It
     * keeps the timeout that it began with, which is for the target and not for the list. Otherwise the dial begins as a
     * new one would. Does nothing if the dial is over, because the open connection belongs to the caller.
     */
    public void retarget(List<Target> next) {
        if (over) {
            return;
        }
        targets = next;
        mayHeal = false;
        untried.clear();
        untried.addAll(targets);
        if (shared.health().checked() != null) {
            shared.health().follows(this);
        }
        if (current != null
                && shared.health().checked() == null
                && !untried.isEmpty()
                && shared.connector().terms().equals(terms)) {
            Target mine = current.target();
            if (mine.equals(shared.health().choose(untried, !hadTrial, trial ? mine : null))) {
                untried.remove(mine);
                return;
            }
        }
        drop();
        stopRetrying();
        stopWaitingForProbe();
        run(this::round);
    }

    /** Tries each target. */
    private void round() {
        untried.clear();
        untried.addAll(targets);
        next(DialResult.OTHER, "the link has no target");
    }

    private void next(DialResult lastResult, String lastSentence) {
        if (untried.isEmpty()) {
            allFailed(new DialException(lastResult, lastSentence));
            return;
        }
        // Chosen now, and not all at the start: other dials have learned more meanwhile.
        if (shared.health().checked() != null) {
            nextChecked(shared.health().checked(), lastResult, lastSentence);
        } else {
            attempt(shared.health().choose(untried, !hadTrial, null));
        }
    }

    private void nextChecked(CheckedTargets checked, DialResult lastResult, String lastSentence) {
        Optional<Target> target = checked.choose(untried);
        if (target.isPresent()) {
            attempt(target.get());
        } else if (checked.awaitsProbe(untried)) {
            probeDeadline = schedule(() -> probeTookTooLong(checked), connectTimeout.toNanos());
        } else {
            mayHeal = true;
            boolean triedOne = untried.size() < targets.size();
            allFailed(
                    triedOne
                            ? new DialException(lastResult, lastSentence)
                            : new DialException(DialResult.UNHEALTHY, checked.whyNone()));
        }
    }

    private void probeTookTooLong(CheckedTargets checked) {
        probeDeadline = null;
        untried.removeIf(target -> checked.awaitsProbe(List.of(target)));
        next(DialResult.TIMEOUT, "no answer to a health check within " + connectTimeout.toMillis() + " ms");
    }

    private void stopWaitingForProbe() {
        if (probeDeadline != null) {
            probeDeadline.cancel(false);
            probeDeadline = null;
        }
    }

    /**
     * Something was learned of the targets by their health check. Goes on if it waited for that. Gives up an attempt whose target turned
     * out to be unhealthy, if another one can be tried.
     */
    public void reconsider() {
        CheckedTargets checked = shared.health().checked();
        if (over) {
            return;
        }
        run(() -> {
            if (probeDeadline != null) {
                stopWaitingForProbe();
                next(DialResult.UNHEALTHY, DialResult.UNHEALTHY.sentence());
            } else if (checked == null) {
                // The link has no health check any longer.
                return;
            } else if (retries != null
                    && retries.isWaiting()
                    && checked.choose(targets).isPresent()) {
                retries.beginNow();
            } else if (current != null
                    && checked.isUnhealthy(current.target())
                    && (!checked.isWanted(current.target())
                            || checked.choose(untried).isPresent())) {
                drop();
                next(DialResult.UNHEALTHY, DialResult.UNHEALTHY.sentence());
            }
        });
    }

    private void attempt(Target target) {
        untried.remove(target);
        current = new HappyEyeballs(shared, downstream, target, connectTimeout, this::run, this::ended);
        terms = shared.connector().terms();
        trial = shared.health().checked() == null && shared.health().began(target, current);
        hadTrial |= trial;
        current.start();
    }

    private void allFailed(DialException failure) {
        if (whenUnavailable.holdTimeout().isEmpty() || !mayHeal) {
            fail(failure);
            return;
        }
        mayHeal = false;
        if (retries == null) {
            retries = new Retries(
                    this::schedule,
                    this::round,
                    this::fail,
                    whenUnavailable.holdTimeout().get());
            shared.retrying().accept(1);
        }
        retries.await(failure);
    }

    private ScheduledFuture<?> schedule(Runnable step, long delayNanos) {
        return shared.loop().schedule(() -> run(step), delayNanos, TimeUnit.NANOSECONDS);
    }

    private void stopRetrying() {
        if (retries != null) {
            retries.stop();
            retries = null;
            shared.retrying().accept(-1);
        }
    }

    /** Runs a step of this dial. If the step throws, the dial fails: an exception in a timer would be lost. */
    private void run(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            internalError(e);
        }
    }

    private void internalError(Throwable cause) {
        if (over) {
            LOG.log(Level.SEVERE, "an error in a dial that had ended", cause);
            return;
        }
        end();
        HappyEyeballs broken = current;
        drop();
        if (broken != null && broken.connected() != null) {
            shared.connector().discard(broken.connected().channel());
        }
        outcome.fail(cause);
    }

    private void ended(HappyEyeballs attempt) {
        current = null;
        if (attempt.result() != DialResult.OK) {
            mayHeal |= attempt.result().mayHeal();
            next(attempt.result(), attempt.sentence());
            return;
        }
        end();
        outcome.complete(attempt.connected());
    }

    private void fail(DialException failure) {
        drop();
        end();
        outcome.fail(failure);
    }

    private void end() {
        over = true;
        stopRetrying();
        stopWaitingForProbe();
        shared.health().unfollows(this);
    }

    private void drop() {
        if (current != null) {
            HappyEyeballs dropped = current;
            current = null;
            dropped.drop();
        }
    }
}
