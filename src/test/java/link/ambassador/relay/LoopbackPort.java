package link.ambassador.relay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import link.ambassador.TestProcess;
import link.ambassador.config.RelayEnvironment;

/** Ports of 127.0.0.1 that a test may give away. */
public final class LoopbackPort {
    private static final int RANGE = 10_000;
    private static final int FIRST = TestProcess.first(10_000, RANGE);
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private LoopbackPort() {}

    /** Free now, and never given before; below the range from which the kernel takes ports by itself, so that it stays so. */
    public static int free() {
        while (true) {
            int port = FIRST + ThreadLocalRandom.current().nextInt(TestProcess.share(RANGE));
            if (port == RelayEnvironment.DEFAULT_ADMIN_PORT || !GIVEN.add(port)) {
                continue;
            }
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // Another one, then.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
