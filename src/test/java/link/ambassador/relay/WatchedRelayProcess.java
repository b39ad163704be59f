package link.ambassador.relay;

import io.vertx.core.impl.VertxInternal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkVariables;
import link.ambassador.relay.admin.AdminServer;
import link.ambassador.relay.table.TableApplier;
import link.ambassador.relay.table.TableFileWatcher;
import link.ambassador.relay.watch.LongestTurn;

/**
 * The relay of {@code src/bench/run turns}: told by the same variables, in a JVM of the image's flags, and with a port that says
 * how long the longest turn of its event loop was since the last question, in microseconds.
 */
public final class WatchedRelayProcess {
    /** Set by the benchmark: the port of 127.0.0.1 that answers. */
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
        new AdminServer(relay, "watched")
                .start()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        Optional<LinkTable> variables = settings.linksFile().isPresent()
                ? Optional.empty()
                : Optional.of(LinkTable.of(LinkVariables.read(environment, settings.reservedPorts())
                        .links()));
        if (variables.isPresent()) {
            relay.apply(variables.get());
        } else {
            TableFileWatcher.follow(
                    settings.linksFile().orElseThrow(), settings.reservedPorts(), new TableApplier(relay, () -> {}));
        }
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
