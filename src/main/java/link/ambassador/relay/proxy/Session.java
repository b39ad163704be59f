package link.ambassador.relay.proxy;

import io.netty.channel.Channel;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.Dial;
import link.ambassador.relay.dial.DialException;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.ProxiedConnection;

/** One downstream, from accept to the end of both sides. On the event loop. */
final class Session implements ProxiedConnection.Listener {
    private static final Logger LOG = Logger.getLogger(Session.class.getName());

    private final ActiveLink link;
    private final long number;
    private final String downstream;
    private final long openedNanos = System.nanoTime();
    private final ProxiedConnection connection;
    private Dial dial;
    private Target target;
    /** When the target got a PROXY protocol header; 0: it got none. */
    private long headerNanos;

    /** Whether the end of the connection tells what the target makes of the header. With TLS the handshake did. */
    private boolean endTellsOfHeader;

    private boolean closedSoon;
    private Retarget drainedBy;
    private long changesSeen;
    private boolean drainedByHold;
    private boolean drainedByFailover;
    private boolean held;
    private boolean ended;

    /**
     * Takes over an accepted channel; {@link #follow} or {@link #hold} comes next.
     *
     * @param number its place in the order in which the link's connections came
     * @param changesSeen how many changes of the link came before this session
     */
    Session(ActiveLink link, Channel accepted, ProxiedConnection.Settings settings, long number, long changesSeen) {
        this.link = link;
        this.number = number;
        this.changesSeen = changesSeen;
        this.downstream = LOG.isLoggable(Level.FINE) ? String.valueOf(accepted.remoteAddress()) : "";
        this.connection = ProxiedConnection.accept(accepted, settings, this);
    }

    /** Waits for {@link #follow}, without a dial. */
    void hold() {
        held = true;
        if (dial != null) {
            dial.cancel();
            dial = null;
        }
    }

    void follow(Dial started) {
        held = false;
        dial = started;
        dial.outcome().onSuccess(this::connected).onFailure(this::connectFailed);
    }

    private void connected(Dial.Connected dialled) {
        boolean redial = link.changes().catchUp(this) && !link.prefers(dialled.target());
        if (redial || hasToWait() || !link.isWanted(dialled)) {
            ProxiedConnection.refuse(dialled.channel());
            link.dialOrHold(this);
            return;
        }
        target = dialled.target();
        // No longer needed: an idle connection stays small.
        dial = null;
        link.sessions().connected(target);
        if (isDrainedByRetarget()) {
            link.sessions().drainedByRetarget(target, true);
        }
        headerNanos = link.upstreams().sendsHeader() ? System.nanoTime() : 0;
        endTellsOfHeader = link.upstreams().sendsHeaderFirst();
        connection.connected(
                dialled.channel(), endTellsOfHeader ? () -> link.upstreams().headerFor(connection.accepted()) : null);
    }

    private void connectFailed(Throwable cause) {
        if (!(cause instanceof DialException failure)) {
            connection.internalError(cause);
            return;
        }
        if (held) {
            // The dial was cancelled because the session has to wait.
            return;
        }
        if (link.changes().catchUp(this) || hasToWait()) {
            link.dialOrHold(this);
        } else if (failure.result() != DialResult.CANCELLED) {
            LOG.fine(() -> link.link().alias() + ": " + downstream + ": " + failure.getMessage());
            // A reset: a clean end would look like an empty answer.
            connection.reset(CloseReason.CONNECT_FAILED);
        }
    }

    private boolean hasToWait() {
        return link.hold().isHolding() && !connection.isEnding();
    }

    ProxiedConnection connection() {
        return connection;
    }

    /** The target it is connected to; empty while it is held or being dialled. */
    Optional<Target> target() {
        return Optional.ofNullable(target);
    }

    boolean isDialling() {
        return target == null && !held;
    }

    /** Whether it waits for the end of a hold. */
    boolean isHeld() {
        return held;
    }

    long number() {
        return number;
    }

    long openedNanos() {
        return openedNanos;
    }

    /** Dials the new targets. Only while it is being dialled. */
    void redial(List<Target> targets) {
        dial.retarget(targets);
    }

    /** How many changes of the link this session has seen. */
    long changesSeen() {
        return changesSeen;
    }

    void seesOneMoreChange() {
        changesSeen++;
    }

    boolean isEnded() {
        return ended;
    }

    /** It drains because of this change; null once it does not. */
    void drainedBy(Retarget retarget) {
        boolean drained = retarget != null;
        if (target != null && drained != isDrainedByRetarget()) {
            link.sessions().drainedByRetarget(target, drained);
        }
        drainedBy = retarget;
    }

    boolean isDrainedByRetarget() {
        return drainedBy != null;
    }

    void drainedByHold(boolean drained) {
        drainedByHold = drained;
    }

    boolean isDrainedByHold() {
        return drainedByHold;
    }

    void drainedByFailover() {
        drainedByFailover = true;
    }

    boolean isDrainedByFailover() {
        return drainedByFailover;
    }

    boolean isAffectedBy(Retarget retarget) {
        return target != null && retarget.affects(target);
    }

    /** Whether the change that it drains because of would not affect it, had that change led to these targets. */
    boolean isUnaffectedBy(List<Target> targets) {
        return target == null || !new Retarget(drainedBy.from(), targets).affects(target);
    }

    @Override
    public void abandoned() {
        if (held) {
            link.hold().abandoned(this);
        } else if (dial != null) {
            dial.cancel();
        }
    }

    @Override
    public void unanswered() {
        link.upstreams().health().unanswered(target);
    }

    @Override
    public void upstreamEndsFirst() {
        closedSoon = endTellsOfHeader
                && UpstreamHeaders.isSoon(headerNanos)
                && connection.receivedFromUpstream() <= UpstreamHeaders.MAX_COMPLAINT_BYTES;
    }

    /** Whether its target has kept it for longer than one that does not expect a header would. */
    boolean isKeptBy(Target one) {
        return headerNanos != 0 && one.equals(target) && !UpstreamHeaders.isSoon(headerNanos);
    }

    @Override
    public void ended(CloseReason reason) {
        ended = true;
        if (endTellsOfHeader && link.link().targets().contains(target)) {
            link.upstreams().headers().ended(target, closedSoon);
        }
        link.ended(this, reason);
        if (LOG.isLoggable(Level.FINE)) {
            long millis = (System.nanoTime() - openedNanos) / 1_000_000;
            LOG.fine(link.link().alias() + ": " + downstream + " -> " + target + " closed after " + millis + " ms: "
                    + reason.sentence());
        }
    }
}
