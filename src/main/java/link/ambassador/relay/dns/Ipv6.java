package link.ambassador.relay.dns;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;

/** Whether this process can use IPv6. */
public final class Ipv6 {
    private static final boolean AVAILABLE = probe();

    private Ipv6() {}

    /** Whether an IPv6 socket could be opened and an interface had an IPv6 address, at the first call. */
    public static boolean isAvailable() {
        return AVAILABLE;
    }

    private static boolean probe() {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.INET6)) {
            return probe.isOpen()
                    && NetworkInterface.networkInterfaces()
                            .flatMap(NetworkInterface::inetAddresses)
                            .anyMatch(Inet6Address.class::isInstance);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
