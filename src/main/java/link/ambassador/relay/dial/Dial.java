package link.ambassador.relay.dial;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
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
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.relay.dns.Resolver;

/**
 * The dial for one downstream connection: target by target, until one connects or all have failed. If the link says so,
 * it then tries them again for a while. Called on the event loop.
 */
public final class Dial {
    /**
     * What the dials of one link share.
     *
     * @param loop the event loop that calls everything here
     * @param isOwnListener whether this relay listens on an address
     * @param tried called for every target that was tried, once each
     * @param retrying called with 1 when every target of a dial has failed and the dial goes on, and with -1 when that
     *     dial is over
     */
    public record Shared(
            EventExecutor loop,
            Resolver resolver,
            Connector connector,
            TargetHealth health,
            Predicate<InetSocketAddress> isOwnListener,
            BiConsumer<Target, DialResult> tried,
            IntConsumer retrying) {}

    /** A try of one target, as those see it that open its connections. Called on the event loop. */
    public interface Attempt {
        Target target();

        /** The connection for which the dial is; null if the relay dials for itself. */
        Channel downstream();

        /**
         * Completes when nobody waits for a connection any more, also at the timeout: a connect that is under way is then closed at
         * once.
         */
        Future<Void> givenUp();

        /** The TCP connection is there, and a TLS handshake begins. */
        void handshakeBegins();
    }

    /** Opens connections, one to one address at a time. Called on the event loop. */
    public interface Connector {

        /**
         * Connects. Completes on the event loop that called it. A failure may be a {@link DialException}, whose message is then a
         * sentence about the target that follows its name.
         */
        Future<Channel> connect(InetSocketAddress address, Attempt attempt);

        /**
         * Whether a connect may start while another one for the same target is under way. After a yes, the caller calls
         * {@link #raceEnded} once one of the two has ended.
         */
        default boolean mayRace() {
            return true;
        }

        /** One connect less is under way of those that {@link #mayRace} allowed. */
        default void raceEnded() {}

        /** What connects depend on beside their address, such as TLS. One that began with other terms is given up at a retarget. */
        default Object terms() {
            return Optional.empty();
        }

        /** Closes a connection that came too late to be used. */
        void discard(Channel connection);
    }

    /** The connection that won, with the target and the address that it reached. */
    public record Connected(Target target, InetSocketAddress address, Channel channel) {}

    /** How long a dial waits before it tries its targets again. */
    static final Duration FIRST_WAIT = Duration.ofMillis(50);

    static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    private static final Logger LOG = Logger.getLogger(Dial.class.getName());

    private final Shared shared;
    private final Channel downstream;
    private final Duration connectTimeout;
    private final WhenUnavailable whenUnavailable;
    private final Promise<Connected> outcome = Promise.promise();
    private final Set<Target> untried = new LinkedHashSet<>();
    private List<Target> targets;
    private HappyEyeballs current;
    private Object terms;

    /** Ends the dial, once every target has failed; null before. */
    private ScheduledFuture<?> deadline;

    /** Begins the next round; null while one is under way. */
    private ScheduledFuture<?> nextRound;

    private Backoff backoff;
    private DialException lastFailure;

    /** Ends the wait for a probe; null while the dial does not wait for one. */
    private ScheduledFuture<?> probeDeadline;

    /** Whether a target of this round failed in a way that a wait may mend. */
    private boolean mayHeal;

    /** Whether the current attempt is the one that tries an ejected target for all dials. */
    private boolean trial;

    /** Whether an attempt of this dial was such a trial. */
    private boolean hadTrial;

    private boolean over;

    private Dial(
            Shared shared,
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

    /** {@link #start(Shared, Channel, List, Duration, WhenUnavailable)} for the relay itself. */
    public static Dial start(
            Shared shared, List<Target> targets, Duration connectTimeout, WhenUnavailable whenUnavailable) {
        return start(shared, null, targets, connectTimeout, whenUnavailable);
    }

    /**
     * Starts to dial at once.
     *
     * @param downstream for which it dials
     * @param connectTimeout for each target
     * @param whenUnavailable whether it goes on when every target has failed, and for how long
     */
    public static Dial start(
            Shared shared,
            Channel downstream,
            List<Target> targets,
            Duration connectTimeout,
            WhenUnavailable whenUnavailable) {
        Dial dial = new Dial(shared, downstream, targets, connectTimeout, whenUnavailable);
        if (shared.health().checked() != null) {
            shared.health().follows(dial);
        }
        dial.run(dial::round);
        return dial;
    }

    /** A dial that has succeeded, because a connection was there already. It counts as the connect of the one who uses it. */
    public static Dial connected(Shared shared, Connected connection) {
        Dial dial = new Dial(shared, null, List.of(), Duration.ZERO, WhenUnavailable.REFUSE);
        dial.over = true;
        shared.health().record(connection.target(), DialResult.OK, "");
        shared.tried().accept(connection.target(), DialResult.OK);
        dial.outcome.complete(connection);
        return dial;
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
        nextRound = null;
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
            } else if (nextRound != null && checked.choose(targets).isPresent()) {
                nextRound.cancel(false);
                round();
            } else if (current != null
                    && isUnhealthy(checked, current.target())
                    && (!checked.isWanted(current.target())
                            || checked.choose(untried).isPresent())) {
                drop();
                next(DialResult.UNHEALTHY, DialResult.UNHEALTHY.sentence());
            }
        });
    }

    private static boolean isUnhealthy(CheckedTargets checked, Target target) {
        return checked.snapshot(target)
                .filter(known -> known.state() == CheckedTarget.State.UNHEALTHY)
                .isPresent();
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
        lastFailure = failure;
        mayHeal = false;
        if (deadline == null) {
            backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT);
            deadline = schedule(
                    () -> fail(lastFailure), whenUnavailable.holdTimeout().get().toNanos());
            shared.retrying().accept(1);
        }
        nextRound = schedule(this::round, backoff.nextNanos());
    }

    private ScheduledFuture<?> schedule(Runnable step, long delayNanos) {
        return shared.loop().schedule(() -> run(step), delayNanos, TimeUnit.NANOSECONDS);
    }

    private void stopRetrying() {
        if (deadline == null) {
            return;
        }
        deadline.cancel(false);
        deadline = null;
        if (nextRound != null) {
            nextRound.cancel(false);
            nextRound = null;
        }
        shared.retrying().accept(-1);
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
