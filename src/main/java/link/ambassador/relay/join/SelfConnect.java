package link.ambassador.relay.join;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A connect to a port of this machine on which nobody listens may be given that same port as its own, and is then connected
 * to itself (simultaneous open: RFC 9293, section 3.5). The downstream would be echoed what it says, and the server could not
 * bind its port any more. That happens to targets on loopback, or on the machine's own addresses, whose port is one that the
 * kernel gives out.
 *
 * @param lowest the first port that the kernel gives to connects (ip(7), ip_local_port_range)
 * @param highest the last
 */
public record SelfConnect(int lowest, int highest) {
    private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    /** As this kernel is configured now; for every port where it does not tell. Reads a file. */
    public static SelfConnect ofKernel() {
        try (InputStream in = Files.newInputStream(RANGE)) {
            // By one read: at a second one, which Files.readString makes, this file has ended.
            byte[] text = new byte[64];
            String[] range = new String(text, 0, in.read(text), StandardCharsets.US_ASCII)
                    .trim()
                    .split("\\s+", -1);
            return new SelfConnect(Integer.parseInt(range[0]), Integer.parseInt(range[1]));
        } catch (IOException | RuntimeException unknown) {
            return new SelfConnect(1, 0xffff);
        }
    }

    /** Whether a connect to this address could become one, so that the channel is worth the system call that tells. */
    public boolean isPossible(InetSocketAddress remote) {
        return remote.getPort() >= lowest && remote.getPort() <= highest;
    }

    /** The channel, which was connected to this address; or a refusal, and no channel, when it is connected to itself. */
    public static Future<Channel> refused(Channel connected, InetSocketAddress remote) {
        if (!is(connected, remote)) {
            return Future.succeededFuture(connected);
        }
        // By a reset, which leaves no TIME_WAIT on the port of the server.
        ProxiedConnection.refuse(connected);
        return Future.failedFuture(new ConnectException("Connection refused: the connect reached itself"));
    }

    /** Whether a channel that was connected to this address is connected to itself. */
    static boolean is(Channel connected, InetSocketAddress remote) {
        return connected.localAddress() instanceof InetSocketAddress local
                && local.getPort() == remote.getPort()
                // Connected to "any" is connected to loopback.
                && (local.getAddress().equals(remote.getAddress())
                        || remote.getAddress().isAnyLocalAddress());
    }
}
