package link.ambassador.relay;

import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;

/** The listening channels: closing one leaves its connections alone, as {@code NetServer.close()} does not. */
final class ServerChannels {
    private final Set<Channel> channels = new HashSet<>();

    void registered(Channel channel) {
        channels.add(channel);
        channel.closeFuture().addListener(closed -> channels.remove(channel));
    }

    /** The channel that was bound there. */
    Channel listeningOn(String host, int port) {
        InetSocketAddress address = new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(host), port);
        return channels.stream()
                .filter(channel -> address.equals(channel.localAddress()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no channel listens on " + address));
    }
}
