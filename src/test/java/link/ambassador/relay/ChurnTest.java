package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Opens, half-closes and resets one connection after the other, and compares the resources at the end with those at the
 * start. It runs for ten seconds in the build; a soak is {@code ./mvnw test -Dtest=ChurnTest
 * -DargLine=-Dchurn.seconds=600}.
 */
final class ChurnTest {
    private static final Duration DURATION = Duration.ofSeconds(Long.getLong("churn.seconds", 10));
    private static final int WARM_UP_CONNECTIONS = 500;
    private static final byte[] BYTES = new byte[20_000];

    private final Random random = new Random(42);

    @Test
    void churnLeavesNothingBehind() throws IOException {
        try (TestRelay relay = TestRelay.start();
                ServerSocket listener = new ServerSocket()) {
            listener.bind(relay.target);
            for (int i = 0; i < WARM_UP_CONNECTIONS; i++) {
                one(relay, listener);
            }
            // Measured inside await, like the end, so that the thread of await counts in both.
            Usage before = await().until(() -> Usage.of(relay), usage -> usage.open() == 0);
            long connections = 0;
            for (long end = System.nanoTime() + DURATION.toNanos(); System.nanoTime() < end; connections++) {
                one(relay, listener);
            }
            assertThat(connections).isGreaterThan(DURATION.toSeconds());
            await().untilAsserted(() ->
                    assertThat(Usage.of(relay)).matches(usage -> usage.isNoMoreThan(before), "no more than " + before));
            System.out.println(connections + " connections in " + DURATION.toSeconds() + " s ended with " + before);
        }
    }

    private void one(TestRelay relay, ServerSocket listener) throws IOException {
        try (Socket downstream = new Socket(relay.address.getAddress(), relay.address.getPort());
                Socket upstream = listener.accept()) {
            downstream.getOutputStream().write(BYTES);
            switch (random.nextInt(5)) {
                case 0 -> {
                    downstream.shutdownOutput();
                    assertThat(upstream.getInputStream().readAllBytes()).hasSameSizeAs(BYTES);
                    upstream.getOutputStream().write(BYTES);
                    upstream.shutdownOutput();
                    assertThat(downstream.getInputStream().readAllBytes()).hasSameSizeAs(BYTES);
                }
                case 1 -> {
                    upstream.shutdownOutput();
                    assertThat(downstream.getInputStream().readAllBytes()).isEmpty();
                    assertThat(upstream.getInputStream().readNBytes(BYTES.length))
                            .hasSameSizeAs(BYTES);
                }
                case 2 -> downstream.setSoLinger(true, 0);
                case 3 -> upstream.setSoLinger(true, 0);
                default -> upstream.getOutputStream().write(BYTES);
            }
        }
    }
}
