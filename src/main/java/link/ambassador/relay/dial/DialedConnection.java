package link.ambassador.relay.dial;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import link.ambassador.config.Target;

/** The connection that won, with the target and the address that it reached. */
public record DialedConnection(Target target, InetSocketAddress address, Channel channel) {}
