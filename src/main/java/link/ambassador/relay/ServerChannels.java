package link.ambassador.relay;

import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;

/** The listening channels by address: closing one leaves its connections alone, as {@code NetServer.close()} does not. */
final class ServerChannels {
    private final Map<SocketAddress, Channel> byAddress = new HashMap<>();

    void opened(SocketAddress address, Channel channel) {
        byAddress.put(address, channel);
        channel.closeFuture().addListener(closed -> byAddress.remove(address, channel));
    }

    /** The channel that was bound there. */
    Channel listeningOn(String host, int port) {
        try {
            Channel channel = byAddress.get(new InetSocketAddress(InetAddress.getByName(host), port));
            if (channel == null) {
                throw new IllegalStateException("no channel for " + host + ":" + port + " among " + byAddress.keySet());
            }
            return channel;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(host + " is no IP address", e);
        }
    }
}
