package link.ambassador.relay.tls;

import java.util.Map;
import link.ambassador.config.Target;

/**
 * The TLS of a link at one moment.
 *
 * @param counters a copy
 * @param peers each target with which a handshake was done, as the latest one was
 */
public record TlsSnapshot(HandshakeCounters counters, Map<Target, LinkTls.Peer> peers) {
    public TlsSnapshot {
        peers = Map.copyOf(peers);
    }
}
