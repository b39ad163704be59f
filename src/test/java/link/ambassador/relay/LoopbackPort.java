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

/** Ports of 127.0.0.1 for tests. */
public final class LoopbackPort {
    private static final int RANGE = 10_000;
    private static final int FIRST = TestProcess.first(10_000, RANGE);
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private LoopbackPort() {}

    /**
     * A port that is free now and was not given out before. It is below the range that the kernel uses, so it stays
     * free.
     */
    public static int free() {
        while (true) {
            int port = FIRST + ThreadLocalRandom.current().nextInt(TestProcess.share(RANGE));
            if (port == RelayEnvironment.DEFAULT_ADMIN_PORT || !GIVEN.add(port)) {
                continue;
            }
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                // Tries another one.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
