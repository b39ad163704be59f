package link.ambassador.relay.proxy;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Logger;
import link.ambassador.config.Hold;
import link.ambassador.config.WhenExpired;
import link.ambassador.relay.join.CloseReason;

/**
 * The hold of one link: whether its new connections wait, and until when.
 *
 * <pre>
 *   (none) ──► HOLDING ──► EXPIRED
 *                 │ ▲
 *                 ▼ │ the same hold is back in the table, in time
 *              REMOVED
 * </pre>
 *
 * A table with another {@link Hold#startedAt} begins another hold. One that has expired stays so, even with a longer
 * timeout: its connections have left already.
 *
 * <p>The relay ends a hold itself, so that it ends also without operator and API server: at {@link Hold#until} by the
 * clock of this machine, and no later than the timeout after this relay first applied it. The first of these bounds a
 * hold over restarts of the relay, and the second one under a wrong clock. On the event loop.
 */
public final class LinkHold {
    public enum State {
        /** New connections wait. */
        HOLDING,
        /** Its time was over. */
        EXPIRED,
        /** The table has it no longer, or the relay shuts down. */
        REMOVED;

        /** The word in {@code /links}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Logger LOG = Logger.getLogger(LinkHold.class.getName());

    private final LinkContext shared;
    private final Supplier<String> link;
    private final Consumer<Session> dial;
    private final Runnable expired;
    private Hold hold;
    private State state;
    private HeldSessions held;
    private long sinceNanos;
    private long untilNanos;
    private long endedNanos;
    private ScheduledFuture<?> timer;
    private boolean shutDown;

    /**
     * Makes a link without a hold.
     *
     * @param link names the link, for the log
     * @param dial dials for a session that is released
     * @param expired called when the time of a hold is over
     */
    LinkHold(LinkContext shared, Supplier<String> link, Consumer<Session> dial, Runnable expired) {
        this.shared = shared;
        this.link = link;
        this.dial = dial;
        this.expired = expired;
    }

    boolean isHolding() {
        return state == State.HOLDING;
    }

    /** Whether a connection that comes now has to be reset, because too many wait. It is counted as such. */
    boolean refusesOneMore() {
        if (!isHolding() || held.size() < hold.maxHeld()) {
            return false;
        }
        held.overflowed();
        return true;
    }

    /** How many connections wait now. */
    public int size() {
        return held == null ? 0 : held.size();
    }

    /**
     * The table has this hold now, or none.
     *
     * @return the hold whose existingConnections apply to the open connections now: it began, or was edited
     */
    Optional<Hold> change(Optional<Hold> next) {
        if (next.isEmpty() || shutDown) {
            end();
            return Optional.empty();
        }
        Hold before = hold;
        boolean wasHolding = isHolding();
        hold = next.get();
        boolean isAnother = before == null || !before.startedAt().equals(hold.startedAt());
        if (isAnother) {
            begin();
        } else if (state == State.EXPIRED) {
            return Optional.empty();
        }
        untilNanos = endNanos();
        stopTimer();
        long leftNanos = untilNanos - System.nanoTime();
        if (leftNanos <= 0) {
            if (isAnother) {
                // What still waits does so because of the hold before, which is gone.
                stop(State.EXPIRED, "its time was over when it came");
                shared.releases().add(this);
            } else {
                expire();
            }
            return Optional.empty();
        }
        state = State.HOLDING;
        timer = shared.loop().schedule(this::expire, leftNanos, TimeUnit.NANOSECONDS);
        if (wasHolding && hold.equals(before)) {
            return Optional.empty();
        }
        LOG.info(() -> link.get() + ": new connections wait for up to " + Math.round(leftNanos / 1e9)
                + " s, because of the hold of " + hold.startedAt());
        return next;
    }

    private void begin() {
        if (held == null) {
            held = new HeldSessions(dial);
        }
        held.holdBegins();
        sinceNanos = System.nanoTime();
    }

    private long endNanos() {
        long now = System.nanoTime();
        Duration byTable = Duration.between(Instant.now(), hold.until());
        Duration byTimeout = hold.timeout().minusNanos(now - sinceNanos);
        Duration left = byTable.compareTo(byTimeout) < 0 ? byTable : byTimeout;
        return left.isNegative() ? now : now + left.toNanos();
    }

    private void expire() {
        stop(State.EXPIRED, "its time is over");
        if (hold.whenExpired() == WhenExpired.REFUSE) {
            shared.turns().each(held.all(), held::refuse);
        } else {
            shared.releases().add(this);
        }
        expired.run();
    }

    /** The hold ends before its time, if there is one: its connections are released one after the other. */
    void end() {
        if (isHolding()) {
            stop(State.REMOVED, "the table does not have it any longer");
            shared.releases().add(this);
        }
    }

    /** The relay shuts down: no connection waits any longer, and none will. */
    public void shutDown() {
        shutDown = true;
        if (isHolding()) {
            stop(State.REMOVED, "the relay is shutting down");
        }
        if (held != null) {
            shared.turns().each(held.all(), held::release);
        }
    }

    private void stop(State next, String why) {
        state = next;
        endedNanos = System.nanoTime();
        stopTimer();
        LOG.info(() -> link.get() + ": the hold of " + hold.startedAt() + " has ended: " + why + "; " + held.size()
                + " connections wait");
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /**
     * Makes a session wait that is not connected, if the link is held. Resets it if too many wait.
     *
     * @return whether it waits or is reset, and must not be dialled now
     */
    boolean keeps(Session session) {
        if (!isHolding() || session.target().isPresent() || session.connection().isEnding()) {
            return false;
        }
        if (!session.isHeld() && refusesOneMore()) {
            session.connection().reset(CloseReason.HOLD_OVERFLOW);
        } else if (!session.isHeld()) {
            held.add(session);
        }
        return true;
    }

    /** A session ended while it waited. */
    void abandoned(Session session) {
        held.abandoned(session);
    }

    /**
     * Dials for the session that came first, if the hold has ended and one waits.
     *
     * @return whether others wait
     */
    boolean releaseFirst() {
        if (isHolding() || held.size() == 0) {
            return false;
        }
        held.releaseFirst();
        return held.size() > 0;
    }

    /** Empty before the first hold. */
    Optional<HoldSnapshot> snapshot() {
        return hold == null
                ? Optional.empty()
                : Optional.of(new HoldSnapshot(
                        hold,
                        state,
                        sinceNanos,
                        untilNanos,
                        endedNanos,
                        held.size(),
                        held.heldTotal(),
                        held.overflow(),
                        held.longestWaitNanos(),
                        Map.copyOf(held.outcomes()),
                        held.waitTimes().copy()));
    }
}
