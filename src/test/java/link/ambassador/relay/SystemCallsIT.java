package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The system calls of a connection for one request. strace(1) counts those of a real relay. */
final class SystemCallsIT {
    private static final int CONNECTIONS = 300;

    /** docs/performance.md lists them. HAProxy makes 19 (if 50 connections come at once). */
    private static final int MOST_FOR_A_CONNECTION = 27;

    /** How often the loop waits, and for how long, depends on the machine. */
    private static final String ALL_BUT_WAITING = "!epoll_wait,epoll_pwait,epoll_pwait2,timerfd_settime,futex";

    @TempDir
    private Path directory;

    @Test
    void aConnectionForOneRequestNeedsNoMoreSystemCalls() throws Exception {
        int port = LoopbackPort.free();
        // Not a port that the kernel gives to connects, for which the relay checks whether the connect reached itself.
        try (ServerSocket upstream = new ServerSocket(LoopbackPort.free(), 1024, InetAddress.getLoopbackAddress());
                JavaRelay relay = JavaRelay.start(
                                Jdk.running(),
                                Map.of("UP_PORT_" + port + "_TCP", "tcp://127.0.0.1:" + upstream.getLocalPort()))
                        .started()) {
            request(port, upstream);
            Map<String, Integer> calls = counted(relay, () -> {
                for (int i = 0; i < CONNECTIONS; i++) {
                    request(port, upstream);
                }
            });
            // Otherwise strace saw nothing, or another process.
            assertThat(calls.getOrDefault("accept4", 0)).as("%s", calls).isGreaterThanOrEqualTo(CONNECTIONS);
            int all = calls.values().stream().mapToInt(Integer::intValue).sum();
            assertThat(all / CONNECTIONS).as("a connection, of %s", calls).isLessThanOrEqualTo(MOST_FOR_A_CONNECTION);
        }
    }

    /** One byte to the upstream and one back; the downstream ends first. */
    private static void request(int port, ServerSocket upstream) throws IOException {
        try (Socket downstream = new Socket(InetAddress.getLoopbackAddress(), port);
                Socket accepted = upstream.accept()) {
            pass(downstream, accepted);
            pass(accepted, downstream);
            downstream.shutdownOutput();
            assertThat(accepted.getInputStream().read()).isEqualTo(-1);
            accepted.shutdownOutput();
            assertThat(downstream.getInputStream().read()).isEqualTo(-1);
        }
    }

    private static void pass(Socket from, Socket to) throws IOException {
        OutputStream out = from.getOutputStream();
        InputStream in = to.getInputStream();
        out.write('x');
        assertThat(in.read()).isEqualTo('x');
    }

    private interface Load {
        void run() throws Exception;
    }

    private Map<String, Integer> counted(JavaRelay relay, Load load) throws Exception {
        int installed = new ProcessBuilder("src/test/debian-packages", "strace=strace")
                .inheritIO()
                .start()
                .waitFor();
        assertThat(installed).as("strace").isZero();
        Path summary = directory.resolve("summary");
        Path messages = directory.resolve("messages");
        Process strace = new ProcessBuilder(
                        "strace",
                        "-c",
                        "-e",
                        "trace=" + ALL_BUT_WAITING,
                        "-o",
                        summary.toString(),
                        "-p",
                        eventLoop(relay))
                .redirectErrorStream(true)
                .redirectOutput(messages.toFile())
                .start();
        try {
            await("strace to attach").atMost(20, TimeUnit.SECONDS).until(() -> Files.readString(messages)
                    .contains("attached"));
            load.run();
        } finally {
            // SIGTERM: strace detaches, writes its summary and ends.
            strace.destroy();
            strace.onExit().orTimeout(20, TimeUnit.SECONDS).join();
        }
        return calls(summary);
    }

    /** The thread of the event loop. The system calls of the JVM's own threads have nothing to do with connections. */
    private static String eventLoop(JavaRelay relay) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(relay.pid()), "task"))) {
            for (Path thread : threads.toList()) {
                if (Files.readString(thread.resolve("comm")).startsWith("vert.x-eventloo")) {
                    return thread.getFileName().toString();
                }
            }
        }
        throw new IllegalStateException("no event loop in " + relay);
    }

    /**
     * <pre>
     *   % time     seconds  usecs/call     calls    errors syscall
     * </pre>
     */
    private static Map<String, Integer> calls(Path summary) throws IOException {
        Map<String, Integer> calls = new TreeMap<>();
        for (String line : Files.readAllLines(summary)) {
            String[] word = line.trim().split("\\s+", -1);
            if (word.length >= 5 && word[0].matches("[0-9.]+") && !word[word.length - 1].equals("total")) {
                calls.put(word[word.length - 1], Integer.parseInt(word[3]));
            }
        }
        return calls;
    }
}
