package link.ambassador.operator;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;

/** For targets of gateways on this machine: one on the loopback would be the gateway's own pod, and is refused. */
final class OwnAddress {
    private OwnAddress() {}

    /** An IPv4 address of this machine; without one, the test is skipped. */
    static InetAddress find() throws SocketException {
        Optional<InetAddress> address = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(found -> found instanceof Inet4Address && !found.isLoopbackAddress())
                .findFirst();
        assumeTrue(address.isPresent(), "needs an IPv4 address besides the loopback");
        return address.get();
    }
}
