package link.ambassador.relay.tls;

import java.util.Map;
import java.util.TreeMap;
import link.ambassador.config.Target;

/**
 * The TLS of a link at one moment.
 *
 * @param counters a copy
 * @param peers each target with which a handshake was done, as the latest one was
 * @param openByDownstream how many connections the downstreams of each certificate have; of at most 20 names
 * @param openOfOthers how many all other downstreams have that showed a certificate
 */
public record TlsSnapshot(
        HandshakeCounters counters,
        Map<Target, LinkTls.Peer> peers,
        Map<String, Integer> openByDownstream,
        int openOfOthers) {
    public TlsSnapshot {
        peers = Map.copyOf(peers);
        openByDownstream = new TreeMap<>(openByDownstream);
    }
}
