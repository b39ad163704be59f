package link.ambassador.relay.dial;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.config.Target;
import link.ambassador.relay.dns.Resolver;

/**
 * The dial for one downstream connection: target by target, until one connects or all have failed. Called on the event
 * loop.
 */
public final class Dial {
    /**
     * What the dials of one link share.
     *
     * @param loop the event loop that calls everything here
     * @param isOwnListener whether this relay listens on an address
     * @param tried called for every target that was tried, once each
     */
    public record Shared(
            EventExecutor loop,
            Resolver resolver,
            Connector connector,
            TargetHealth health,
            Predicate<InetSocketAddress> isOwnListener,
            BiConsumer<Target, DialResult> tried) {}

    /** Opens TCP connections, one to one address at a time. Called on the event loop. */
    public interface Connector {

        /**
         * Connects. Completes on the event loop that called it.
         *
         * @param givenUp completes when nobody waits for the connection any more, also at its timeout: a connect that
         *     is under way is then closed at once
         */
        Future<Channel> connect(InetSocketAddress address, Future<Void> givenUp);

        /**
         * Whether a connect may start while another one for the same target is under way. After a yes, the caller calls
         * {@link #raceEnded} once one of the two has ended.
         */
        default boolean mayRace() {
            return true;
        }

        /** One connect less is under way of those that {@link #mayRace} allowed. */
        default void raceEnded() {}

        /** Closes a connection that came too late to be used. */
        void discard(Channel connection);
    }

    /** The connection that won, with the target and the address that it reached. */
    public record Connected(Target target, InetSocketAddress address, Channel channel) {}

    private static final Logger LOG = Logger.getLogger(Dial.class.getName());

    private final Shared shared;
    private final Duration connectTimeout;
    private final Promise<Connected> outcome = Promise.promise();
    private final Set<Target> untried = new LinkedHashSet<>();
    private HappyEyeballs current;
    /** Whether the current attempt is the one that tries an ejected target for all dials. */
    private boolean trial;

    /** Whether an attempt of this dial was such a trial. */
    private boolean hadTrial;

    private boolean over;

    private Dial(Shared shared, Duration connectTimeout) {
        this.shared = shared;
        this.connectTimeout = connectTimeout;
    }

    /**
     * Starts to dial at once.
     *
     * @param connectTimeout for each target
     */
    public static Dial start(Shared shared, List<Target> targets, Duration connectTimeout) {
        Dial dial = new Dial(shared, connectTimeout);
        dial.untried.addAll(targets);
        dial.run(dial::first);
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
            drop();
            fail(DialResult.CANCELLED, "cancelled: the downstream is gone");
        }
    }

    /**
     * Dials a new list of targets. The attempt under way goes on only if the new list would begin with its target. It
     * keeps the timeout that it began with, which is for the target and not for the list. Does nothing if the dial is
     * over, because the open connection belongs to the caller.
     */
    public void retarget(List<Target> targets) {
        if (over) {
            return;
        }
        untried.clear();
        untried.addAll(targets);
        if (current != null && !untried.isEmpty()) {
            Target mine = current.target();
            if (mine.equals(shared.health().choose(untried, !hadTrial, trial ? mine : null))) {
                untried.remove(mine);
                return;
            }
        }
        drop();
        run(this::first);
    }

    private void first() {
        next(DialResult.OTHER, "the link has no target");
    }

    private void next(DialResult lastResult, String lastSentence) {
        if (untried.isEmpty()) {
            fail(lastResult, lastSentence);
            return;
        }
        // Chosen now, and not all at the start: other dials have learned more meanwhile.
        Target target = shared.health().choose(untried, !hadTrial, null);
        untried.remove(target);
        current = new HappyEyeballs(shared, target, connectTimeout, this::run, this::ended);
        trial = shared.health().began(target, current);
        hadTrial |= trial;
        current.start();
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
        over = true;
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
            next(attempt.result(), attempt.sentence());
            return;
        }
        over = true;
        outcome.complete(attempt.connected());
    }

    private void fail(DialResult result, String sentence) {
        over = true;
        outcome.fail(new DialException(result, sentence));
    }

    private void drop() {
        if (current != null) {
            HappyEyeballs dropped = current;
            current = null;
            dropped.drop();
        }
    }
}
