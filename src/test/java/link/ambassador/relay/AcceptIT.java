package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import link.ambassador.relayspec.BlackHole;
import link.ambassador.relayspec.Wire;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay that runs out of file descriptors: another process, with its own limit. */
final class AcceptIT {
    private static final int FILE_DESCRIPTORS = 400;
    private static final Duration WATCHED = Duration.ofSeconds(2);

    private static final int LOW = 10;

    @TempDir
    private Path directory;

    @Test
    void connectionsBeyondTheFileDescriptorsAreRefused() throws Exception {
        int port = LoopbackPort.free();
        try (ServerSocket upstream = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
                JavaRelay relay = relay(port, upstream)) {
            // The first connections of this relay: it has loaded nothing that they need.
            List<Socket> downstreams = connect(port, FILE_DESCRIPTORS);
            await().ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> metric(relay, "file_descriptors"), refused -> refused > 0);
            assertThat(metric(relay, "ambassador_accept_failures_total")).isZero();

            reset(downstreams);
            await().until(() -> metric(relay, "ambassador_connections_open{"), open -> open == 0);
            assertThatItServes(port, upstream);
        }
    }

    @Test
    void acceptGoesOnAfterTheFileDescriptorsWereUsedUp() throws Exception {
        int port = LoopbackPort.free();
        try (ServerSocket upstream = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
                JavaRelay relay = relay(port, upstream)) {
            relay.expecting(" WARN cannot accept on .*: Too many open files; retrying in 1000 ms");
            assertThatItServes(port, upstream);
            await().until(() -> metric(relay, "ambassador_connections_open{"), open -> open == 0);
            // Lowers the limit of the running relay, which still counts on the old one. So low that no descriptor below
            // it becomes free.
            limit(relay, Math.min(relay.lowestFreeFileDescriptor(), LOW));
            List<Socket> downstreams = connect(port, 40);
            Duration before = relay.cpu();
            // There is nothing to wait for: this measures what one second costs.
            Thread.sleep(WATCHED.toMillis());
            assertThat(relay.cpu().minus(before)).isLessThan(WATCHED.dividedBy(2));

            reset(downstreams);
            limit(relay, FILE_DESCRIPTORS);
            await().ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> metric(relay, "ambassador_accept_failures_total"), failures -> failures >= 1);
            await().until(() -> metric(relay, "ambassador_connections_open{"), left -> left == 0);
            assertThatItServes(port, upstream);
        }
    }

    @Test
    void aLinkWhoseTargetIsSilentLeavesTheOthersTheirFileDescriptors() throws Exception {
        int port = LoopbackPort.free();
        int toNowhere = LoopbackPort.free();
        InetSocketAddress silent = TestRelay.freeAddress();
        try (ServerSocket upstream = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
                Wire wire = new Wire(silent, silent);
                BlackHole hole = wire.blackHole();
                JavaRelay relay = JavaRelay.start(limited(), linksTo(port, upstream, toNowhere, silent))
                        .started()) {
            assertThat(hole).isNotNull();
            List<Socket> downstreams = connect(toNowhere, FILE_DESCRIPTORS);
            await().ignoreExceptionsInstanceOf(IOException.class)
                    .until(() -> metric(relay, "file_descriptors"), refused -> refused > 0);
            assertThatItServes(port, upstream);
            assertThat(metric(relay, "ambassador_accept_failures_total")).isZero();

            reset(downstreams);
            // Long before their connectTimeout.
            await().until(relay::lowestFreeFileDescriptor, lowest -> lowest < FILE_DESCRIPTORS / 2);
        }
    }

    @Test
    void listenersLeaveTheAdminPortItsFileDescriptors() throws Exception {
        Map<String, String> links = new HashMap<>();
        try (ServerSocket upstream = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress())) {
            int first = LoopbackPort.free();
            for (int port = first, i = 0; i < FILE_DESCRIPTORS / 2; i++, port = LoopbackPort.free()) {
                links.put("UP_PORT_" + port + "_TCP", "tcp://127.0.0.1:" + upstream.getLocalPort());
            }
            try (JavaRelay relay = JavaRelay.start(limited(), links).started()) {
                List<Socket> downstreams = connect(first, FILE_DESCRIPTORS / 2);
                await().ignoreExceptionsInstanceOf(IOException.class)
                        .until(() -> sum(relay, "file_descriptors"), refused -> refused > 0);
                assertThat(metric(relay, "ambassador_accept_failures_total")).isZero();
                assertThat(sum(relay, "result=\"other\"")).isZero();
                reset(downstreams);
            }
        }
    }

    private JavaRelay relay(int port, ServerSocket upstream) throws Exception {
        return JavaRelay.start(
                        limited(), Map.of("UP_PORT_" + port + "_TCP", "tcp://127.0.0.1:" + upstream.getLocalPort()))
                .started();
    }

    private static Map<String, String> linksTo(
            int port, ServerSocket upstream, int toNowhere, InetSocketAddress silent) {
        return Map.of(
                "UP_PORT_" + port + "_TCP",
                "tcp://127.0.0.1:" + upstream.getLocalPort(),
                "NOWHERE_PORT_" + toNowhere + "_TCP",
                "tcp://127.0.0.1:" + silent.getPort());
    }

    private static List<Socket> connect(int port, int connections) throws IOException {
        List<Socket> downstreams = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            // The kernel completes the handshake even if the relay cannot accept.
            downstreams.add(new Socket(InetAddress.getLoopbackAddress(), port));
        }
        return downstreams;
    }

    private static void reset(List<Socket> downstreams) throws IOException {
        for (Socket downstream : downstreams) {
            downstream.setSoLinger(true, 0);
            downstream.close();
        }
    }

    private static void assertThatItServes(int port, ServerSocket upstream) throws IOException {
        upstream.setSoTimeout(5_000);
        try (Socket downstream = new Socket(InetAddress.getLoopbackAddress(), port)) {
            downstream.getOutputStream().write(42);
            await().pollInterval(Duration.ofMillis(1)).until(() -> firstByte(upstream), read -> read == 42);
        }
    }

    private static void limit(JavaRelay relay, int fileDescriptors) throws Exception {
        Process prlimit = new ProcessBuilder(
                        "prlimit", "--pid", Long.toString(relay.pid()), "--nofile=" + fileDescriptors + ":")
                .inheritIO()
                .start();
        assertThat(prlimit.waitFor()).isZero();
    }

    /** Most connections in the backlog were reset; the one that sent a request is among them. */
    private static int firstByte(ServerSocket upstream) throws IOException {
        try (Socket accepted = upstream.accept()) {
            return accepted.getInputStream().read();
        } catch (SocketException resetBefore) {
            return -1;
        }
    }

    private static double metric(JavaRelay relay, String name) throws IOException, InterruptedException {
        return values(relay, name).findFirst().orElse(-1);
    }

    private static double sum(JavaRelay relay, String name) throws IOException, InterruptedException {
        return values(relay, name).sum();
    }

    private static DoubleStream values(JavaRelay relay, String name) throws IOException, InterruptedException {
        return relay.ask("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> !line.startsWith("#") && line.contains(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))));
    }

    private Jdk limited() throws IOException {
        Path java = Files.createDirectory(directory.resolve("bin")).resolve("java");
        String script = "#!/bin/sh\nulimit -n " + FILE_DESCRIPTORS + "\nexec '"
                + Jdk.running().java() + "' \"$@\"\n";
        Files.createFile(java, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(java, script);
        return new Jdk(directory);
    }
}
