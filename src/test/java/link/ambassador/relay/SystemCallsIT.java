package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
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

/** The system calls of a connection for one request, and of one whose upstream gets a header. strace(1) counts those of a real relay. */
final class SystemCallsIT {
    private static final int CONNECTIONS = 300;

    /** docs/performance.md lists them. HAProxy makes 19 (if 50 connections come at once). */
    private static final int MOST_FOR_A_CONNECTION = 27;

    /** It asks the kernel for both addresses of the downstream. The header goes out with the first bytes. */
    private static final int MOST_WITH_A_HEADER = MOST_FOR_A_CONNECTION + 2;

    private static final int HEADER_BYTES = 28;

    /** How often the loop waits, and for how long, depends on the machine. */
    private static final String ALL_BUT_WAITING = "!epoll_wait,epoll_pwait,epoll_pwait2,timerfd_settime,futex";

    @TempDir
    private Path directory;

    @Test
    void aConnectionForOneRequestNeedsNoMoreSystemCalls() throws Exception {
        assertCallsOfAConnection("", 0, MOST_FOR_A_CONNECTION);
    }

    @Test
    void aHeaderNeedsNoSystemCallOfItsOwn() throws Exception {
        assertCallsOfAConnection(
                ", \"upstreamProxyProtocol\": {\"version\": \"V2\"}", HEADER_BYTES, MOST_WITH_A_HEADER);
    }

    private void assertCallsOfAConnection(String words, int headerBytes, int most) throws Exception {
        int port = LoopbackPort.free();
        // Not a port that the kernel gives to connects, for which the relay checks whether the connect reached itself.
        try (ServerSocket upstream = new ServerSocket(LoopbackPort.free(), 1024, InetAddress.getLoopbackAddress())) {
            Path table = Files.writeString(
                    directory.resolve("links.json"),
                    """
                    {"requires": ["proxy-out/1"], "links": [{"alias": "up", "listen": %d, "targets": [{"host": "127.0.0.1", "port": %d}]%s}]}
                    """
                            .formatted(port, upstream.getLocalPort(), words));
            try (JavaRelay relay = JavaRelay.start(Jdk.running(), Map.of("AMBASSADOR_LINKS_FILE", table.toString()))
                    .started()) {
                assertCallsOf(relay, () -> request(port, upstream, headerBytes), most);
            }
        }
    }

    private void assertCallsOf(JavaRelay relay, Load request, int most) throws Exception {
        request.run();
        Map<String, Integer> calls = counted(relay, () -> {
            for (int i = 0; i < CONNECTIONS; i++) {
                request.run();
            }
        });
        // Otherwise strace saw nothing, or another process.
        assertThat(calls.getOrDefault("accept4", 0)).as("%s", calls).isGreaterThanOrEqualTo(CONNECTIONS);
        int all = calls.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(all / CONNECTIONS).as("a connection, of %s", calls).isLessThanOrEqualTo(most);
    }

    /** One byte to the upstream and one back; the downstream ends first. */
    private static void request(int port, ServerSocket upstream, int headerBytes) throws IOException {
        try (Socket downstream = new Socket(InetAddress.getLoopbackAddress(), port)) {
            downstream.getOutputStream().write('x');
            answer(downstream, upstream, headerBytes);
        }
    }

    private static void answer(Socket downstream, ServerSocket upstream, int headerBytes) throws IOException {
        try (Socket accepted = upstream.accept()) {
            assertThat(accepted.getInputStream().readNBytes(headerBytes)).hasSize(headerBytes);
            assertThat(accepted.getInputStream().read()).isEqualTo('x');
            accepted.getOutputStream().write('x');
            assertThat(downstream.getInputStream().read()).isEqualTo('x');
            downstream.shutdownOutput();
            assertThat(accepted.getInputStream().read()).isEqualTo(-1);
            accepted.shutdownOutput();
            assertThat(downstream.getInputStream().read()).isEqualTo(-1);
        }
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
