package link.ambassador.relay.proxy;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.join.CloseReason;

/**
 * A link as it was at one moment.
 *
 * @param health not of that moment: it may be read on any thread
 */
public record LinkSnapshot(
        Link link,
        List<Listener> listeners,
        boolean isListening,
        boolean isTried,
        int open,
        int draining,
        long openedTotal,
        Map<CloseReason, Long> closedByReason,
        long bytesToUpstream,
        long bytesToDownstream,
        Map<DialResult, Long> dialsByResult,
        long retargets,
        Map<Target, Integer> openByTarget,
        TargetHealth health) {

    /** One of its listeners. */
    public record Listener(String address, LinkListener.State state, String error) {}

    /** On the event loop. */
    public static LinkSnapshot of(ActiveLink served) {
        return new LinkSnapshot(
                served.link(),
                served.listeners().stream()
                        .map(listener -> new Listener(listener.address(), listener.state(), listener.error()))
                        .toList(),
                served.isListening(),
                served.isTried(),
                served.open(),
                served.draining(),
                served.counters().openedTotal(),
                copy(CloseReason.class, served.counters().closedByReason()),
                served.counters().bytesToUpstream(),
                served.counters().bytesToDownstream(),
                copy(DialResult.class, served.dialsByResult()),
                served.retargets(),
                Map.copyOf(served.openByTarget()),
                served.health());
    }

    /** In the order of the enum, as it is. */
    private static <K extends Enum<K>> Map<K, Long> copy(Class<K> keys, Map<K, Long> counts) {
        Map<K, Long> copy = new EnumMap<>(keys);
        copy.putAll(counts);
        return copy;
    }
}
