package link.ambassador;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;

/** The address {@code ::1}, for tests that are skipped on a machine without it. */
public final class Ipv6Loopback {
    private Ipv6Loopback() {}

    public static InetAddress assumed() throws IOException {
        byte[] bytes = new byte[16];
        bytes[15] = 1;
        InetAddress loopback = InetAddress.getByAddress(bytes);
        assumeTrue(NetworkInterface.getByInetAddress(loopback) != null, "this machine has no ::1");
        return loopback;
    }
}
