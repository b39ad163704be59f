package link.ambassador.relay.proxy;

import java.util.Map;
import link.ambassador.config.Hold;

/**
 * The newest hold of a link at one moment, also after its end. Times are of {@link System#nanoTime}.
 *
 * @param sinceNanos when this relay first applied it
 * @param untilNanos when this relay ends it at the latest
 * @param endedNanos when it ended; only if it is no longer {@link LinkHold.State#HOLDING}
 * @param held how many connections wait now; after the end, those that are not released yet
 * @param heldTotal how many it has made wait
 * @param overflow how many were reset because too many waited
 * @param longestWaitNanos of all of them, also of those that still wait
 * @param outcomes of all holds of the link
 * @param waitTimes of all holds of the link; a copy
 */
public record HoldSnapshot(
        Hold hold,
        LinkHold.State state,
        long sinceNanos,
        long untilNanos,
        long endedNanos,
        int held,
        long heldTotal,
        long overflow,
        long longestWaitNanos,
        Map<HoldOutcome, Long> outcomes,
        WaitTimes waitTimes) {}
