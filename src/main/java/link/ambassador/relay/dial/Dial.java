package link.ambassador.relay.dial;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.config.Target;

/**
 * The dial of one downstream connection: target by target, until one connects or all failed. Every method is called on
 * the event loop of its {@link Dialer}.
 */
public final class Dial<C> {
    private static final Logger LOG = Logger.getLogger(Dial.class.getName());

    private final Dialer<C> dialer;
    private final Duration connectTimeout;
    private final Promise<DialedConnection<C>> outcome = Promise.promise();
    private final Set<Target> untried = new LinkedHashSet<>();
    private HappyEyeballs<C> current;
    // Whether the current attempt tries a target for all dials; whether one of this dial did.
    private boolean trial;
    private boolean hadTrial;
    private boolean over;

    Dial(Dialer<C> dialer, Duration connectTimeout) {
        this.dialer = dialer;
        this.connectTimeout = connectTimeout;
    }

    /**
     * The connection; or {@link DialException}, also after {@link #cancel()}; or another exception, which is an error of our
     * own. Completes once, on the event loop.
     */
    public Future<DialedConnection<C>> outcome() {
        return outcome.future();
    }

    /** The downstream is gone: closes what is under way. Nothing when it is over. */
    public void cancel() {
        if (!over) {
            drop();
            fail(DialResult.CANCELLED, "cancelled: the downstream is gone");
        }
    }

    /**
     * The list changed: dials the new one. The attempt under way goes on only if its target is the one that the new
     * list would begin with, and then within the timeout it began with, since that is the target's and not the list's.
     * Nothing when the dial is over: an open connection is not its own any more.
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
        // Now and not for all at the begin: meanwhile others learned of them, or try one again.
        Target target = dialer.health().choose(untried, !hadTrial, null);
        untried.remove(target);
        current = new HappyEyeballs<>(dialer, target, connectTimeout, this::run, this::ended);
        trial = dialer.health().began(target, current);
        hadTrial |= trial;
        current.start();
    }

    /** Does a step of this dial. An error of it fails the dial: from a timer nobody would hear of it. */
    private void run(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            internalError(e);
        }
    }

    private void internalError(Throwable cause) {
        if (over) {
            LOG.log(Level.SEVERE, "an error of a dial that was over", cause);
            return;
        }
        over = true;
        HappyEyeballs<C> broken = current;
        drop();
        if (broken != null && broken.dialled() != null) {
            dialer.connector().discard(broken.dialled().connection());
        }
        outcome.fail(cause);
    }

    private void ended(HappyEyeballs<C> attempt) {
        current = null;
        if (attempt.result() != DialResult.OK) {
            next(attempt.result(), attempt.sentence());
            return;
        }
        over = true;
        outcome.complete(attempt.dialled());
    }

    private void fail(DialResult result, String sentence) {
        over = true;
        outcome.fail(new DialException(result, sentence));
    }

    private void drop() {
        if (current != null) {
            HappyEyeballs<C> dropped = current;
            current = null;
            dropped.drop();
        }
    }
}
