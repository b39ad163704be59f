package link.ambassador.relay.proxy;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Link;
import link.ambassador.config.Target;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.join.LinkCounters;
import link.ambassador.relay.tls.LinkTls;
import link.ambassador.relay.tls.TlsSnapshot;

/**
 * The state of a link at one moment.
 *
 * @param held how many connections wait for the end of a hold
 * @param retrying how many connections wait because every target has failed, and are dialled again
 * @param counters a copy
 * @param latestRetarget empty while its targets never changed
 * @param checks empty if the link never had a health check
 * @param tls empty if the link never had TLS
 * @param health not of that moment: it may be read on any thread
 * @param preflight empty if no target is or was dialled for what the table says
 * @param hold the newest; empty if the link never had one
 * @param closingAtHeader targets that seem to expect no PROXY protocol header
 */
public record LinkSnapshot(
        Link link,
        List<Listener> listeners,
        boolean isListening,
        boolean isTried,
        int draining,
        int held,
        int retrying,
        LinkCounters counters,
        Map<DialResult, Long> dialsByResult,
        long retargets,
        Optional<RetargetOutcome> latestRetarget,
        Map<Target, Integer> openByTarget,
        TargetHealth health,
        Optional<HoldSnapshot> hold,
        Optional<PreflightSnapshot> preflight,
        Optional<TlsSnapshot> tls,
        Optional<HealthSnapshot> checks,
        Set<Target> closingAtHeader) {

    /**
     * One listening socket of the link.
     *
     * @param error empty if it listens
     */
    public record Listener(String address, LinkListener.State state, String error) {}

    /** On the event loop. */
    public static LinkSnapshot of(ActiveLink link) {
        Map<DialResult, Long> dialsByResult = new EnumMap<>(DialResult.class);
        dialsByResult.putAll(link.upstreams().dialsByResult());
        return new LinkSnapshot(
                link.link(),
                link.listeners().stream()
                        .map(listener -> new Listener(listener.address(), listener.state(), listener.error()))
                        .toList(),
                link.isListening(),
                link.isTried(),
                link.sessions().draining(),
                link.hold().size(),
                link.upstreams().retrying(),
                link.counters().copy(),
                dialsByResult,
                link.retargets(),
                link.latestRetarget(),
                Map.copyOf(link.sessions().byTarget()),
                link.upstreams().health(),
                link.hold().snapshot(),
                link.preflight(),
                link.tls().map(LinkTls::snapshot),
                link.checks().snapshot(),
                link.upstreams().closingAtHeader(link.sessions().all()));
    }
}
