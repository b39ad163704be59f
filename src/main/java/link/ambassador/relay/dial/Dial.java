package link.ambassador.relay.dial;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.config.Target;

/**
 * The dial for one downstream connection: target by target, until one connects or all have failed. Called on the event
 * loop of its {@link Dialer}.
 */
public final class Dial {
    /** The connection that won, with the target and the address that it reached. */
    public record Connected(Target target, InetSocketAddress address, Channel channel) {}

    private static final Logger LOG = Logger.getLogger(Dial.class.getName());

    private final Dialer dialer;
    private final Duration connectTimeout;
    private final Promise<Connected> outcome = Promise.promise();
    private final Set<Target> untried = new LinkedHashSet<>();
    private HappyEyeballs current;
    /** Whether the current attempt is the one that tries an ejected target for all dials. */
    private boolean trial;

    /** Whether an attempt of this dial was such a trial. */
    private boolean hadTrial;

    private boolean over;

    Dial(Dialer dialer, Duration connectTimeout) {
        this.dialer = dialer;
        this.connectTimeout = connectTimeout;
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
            if (mine.equals(dialer.health().choose(untried, !hadTrial, trial ? mine : null))) {
                untried.remove(mine);
                return;
            }
        }
        drop();
        run(() -> next(DialResult.OTHER, "the link has no target"));
    }

    void start(List<Target> targets) {
        untried.addAll(targets);
        run(() -> next(DialResult.OTHER, "the link has no target"));
    }

    private void next(DialResult lastResult, String lastSentence) {
        if (untried.isEmpty()) {
            fail(lastResult, lastSentence);
            return;
        }
        // Chosen now, and not all at the start: other dials have learned more meanwhile.
        Target target = dialer.health().choose(untried, !hadTrial, null);
        untried.remove(target);
        current = new HappyEyeballs(dialer, target, connectTimeout, this::run, this::ended);
        trial = dialer.health().began(target, current);
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
            dialer.connector().discard(broken.connected().channel());
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
