package link.ambassador.relay;

import io.vertx.core.impl.VertxInternal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import link.ambassador.relay.watch.LongestTurn;

/**
 * The relay of {@code src/bench/run turns}. It reads the same variables, runs in a JVM with the image's flags, and has
 * a port that returns the longest turn of its event loop since the last request, in microseconds.
 */
public final class WatchedRelayProcess {
    /** Set by the benchmark: the port on 127.0.0.1 that returns it. */
    private static final String PORT = "BENCH_TURNS_PORT";

    private WatchedRelayProcess() {}

    public static void main(String[] arguments) throws Exception {
        Buffers.shareOneAllocator();
        System.setProperty("vertx.disableDnsResolver", "true");
        Map<String, String> environment = System.getenv();
        Settings settings = Settings.read(environment);
        Relay relay = Relay.start(settings);
        LongestTurn turns = LongestTurn.of(
                ((VertxInternal) relay.vertx()).getEventLoopGroup().next());
        Thread thread = new Thread(() -> answer(turns, Integer.parseInt(environment.get(PORT))), "turns");
        thread.start();
        var unused = RelayProcess.serve(relay, RelayProcess.variables(environment, settings), "watched");
    }

    private static void answer(LongestTurn turns, int port) {
        try (ServerSocket listener = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            while (true) {
                try (Socket socket = listener.accept()) {
                    socket.getOutputStream()
                            .write(Long.toString(turns.takeMicros()).getBytes(StandardCharsets.US_ASCII));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("no answer any more to how long turns are", e);
        }
    }
}
