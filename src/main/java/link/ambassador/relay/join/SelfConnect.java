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
 * Detects a connection to itself. The kernel may give a connect to a closed port of this machine that same port as its
 * local port. The socket is then connected to itself (simultaneous open: RFC 9293, section 3.5): the downstream would
 * get back what it sends, and the server could not bind its port. This happens for targets on the machine's own
 * addresses, with a port in the range for connects.
 *
 * @param lowest the first port that the kernel gives to connects (ip(7), ip_local_port_range)
 * @param highest the last
 */
public record SelfConnect(int lowest, int highest) {
    private static final Path RANGE = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    /** The range of this kernel now; all ports if it cannot be read. Reads a file. */
    public static SelfConnect ofKernel() {
        try (InputStream in = Files.newInputStream(RANGE)) {
            // One read, because Files.readString makes a second one, at which this file has ended.
            byte[] text = new byte[64];
            String[] range = new String(text, 0, in.read(text), StandardCharsets.US_ASCII)
                    .trim()
                    .split("\\s+", -1);
            return new SelfConnect(Integer.parseInt(range[0]), Integer.parseInt(range[1]));
        } catch (IOException | RuntimeException unknown) {
            return new SelfConnect(1, 0xffff);
        }
    }

    /**
     * Whether a connect to this address could reach itself. Only then is the channel worth the system call that tells.
     */
    public boolean isPossible(InetSocketAddress remote) {
        return remote.getPort() >= lowest && remote.getPort() <= highest;
    }

    /** The channel that connected to this address. Fails, and closes the channel, if it is connected to itself. */
    public static Future<Channel> rejectIfSelf(Channel connected, InetSocketAddress remote) {
        if (!is(connected, remote)) {
            return Future.succeededFuture(connected);
        }
        // A reset, which leaves no TIME_WAIT on the server's port.
        ProxiedConnection.refuse(connected);
        return Future.failedFuture(new ConnectException("Connection refused: the connect reached itself"));
    }

    /** Whether a channel that connected to this address is connected to itself. */
    static boolean is(Channel connected, InetSocketAddress remote) {
        return connected.localAddress() instanceof InetSocketAddress local
                && local.getPort() == remote.getPort()
                // A connect to the "any" address reaches loopback.
                && (local.getAddress().equals(remote.getAddress())
                        || remote.getAddress().isAnyLocalAddress());
    }
}
