package link.ambassador.relay.dial;

import java.net.InetSocketAddress;
import link.ambassador.link.Target;

/** The connection that won, and whom it reached. */
public record Dialled<C>(Target target, InetSocketAddress address, C connection) {}
