package link.ambassador.relay.dial;

import java.net.InetSocketAddress;
import link.ambassador.config.Target;

/** The connection that won, and whom it reached. */
public record DialedConnection<C>(Target target, InetSocketAddress address, C connection) {}
