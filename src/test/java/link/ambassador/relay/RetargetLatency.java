package link.ambassador.relay;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.link.ExistingConnections;
import link.ambassador.link.LinkTable;

/**
 * How long after the rename of the link table's file a new connection reaches the new target, through the relay as its users
 * run it ({@code ./mvnw package -DskipTests} first), by a client that connects one time after the other:
 * {@code ./mvnw -q test-compile exec:java -Dexec.classpathScope=test
 * -Dexec.mainClass=link.ambassador.relay.RetargetLatency}.
 *
 * <p>The figure counts from the rename to the answer of the first connection that reached the new target, so it holds one
 * whole connect, question and answer.
 */
public final class RetargetLatency {
    private static final int WARM_UP = 200;
    private static final int RETARGETS = 1_000;

    private RetargetLatency() {}

    /** Prints the percentiles. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("retarget");
        LinksFile file = new LinksFile(directory.resolve("links.json"));
        int port = LoopbackPort.free();
        try (StampingUpstream a = new StampingUpstream('a');
                StampingUpstream b = new StampingUpstream('b')) {
            file.replace(table(port, a.address()));
            try (JavaRelay relay = JavaRelay.start(
                            Jdk.running(),
                            Map.of("AMBASSADOR_LINKS_FILE", file.path().toString()))
                    .started()) {
                InetSocketAddress address = new InetSocketAddress(a.address().getAddress(), port);
                long[] nanos = new long[RETARGETS];
                for (int i = -WARM_UP; i < RETARGETS; i++) {
                    boolean toB = (i & 1) == 0;
                    long renamed = file.replace(table(port, (toB ? b : a).address()));
                    while (stamp(address) != (toB ? 'b' : 'a')) {
                        // Still the old one.
                    }
                    nanos[Math.max(i, 0)] = System.nanoTime() - renamed;
                }
                Arrays.sort(nanos);
                System.out.printf(
                        "rename to the first answer of the new target, %d retargets: median %.2f ms, p99 %.2f ms, max %.2f ms%n",
                        RETARGETS,
                        nanos[RETARGETS / 2] / 1e6,
                        nanos[RETARGETS * 99 / 100] / 1e6,
                        nanos[RETARGETS - 1] / 1e6);
                System.out.println(relay.terminate(Duration.ofSeconds(5)) == 0 ? "ended well" : "ended badly");
            }
        } finally {
            Files.deleteIfExists(file.path());
            Files.delete(directory);
        }
    }

    private static LinkTable table(int port, InetSocketAddress target) {
        return new LinkTable(
                Optional.empty(),
                List.of(),
                List.of(TestRelay.link(port, ExistingConnections.KEEP, Duration.ofSeconds(30), target)));
    }

    private static int stamp(InetSocketAddress relay) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(relay);
            socket.getOutputStream().write(new byte[] {0, 0, 0, 1, 'x'});
            int stamp = socket.getInputStream().read();
            socket.getInputStream().read();
            return stamp;
        }
    }
}
