package link.ambassador.relay.proxyprotocol;

import java.net.InetAddress;
import java.util.Optional;

/**
 * The pod that the relay runs in. A consumer in the same pod connects from loopback, and is known elsewhere by the pod's address.
 *
 * @param address empty outside Kubernetes
 * @param identity its namespace and its name, with {@code /} between them
 */
public record Pod(Optional<InetAddress> address, Optional<String> identity) {}
