package link.ambassador.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The queue between threads that log and a reader that may stop. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LogOutputTest {
    private static final Duration PROMPTLY = Duration.ofSeconds(20);
    private static final String LINE = "x".repeat(1023) + "\n";

    private final Reader reader = new Reader();
    private final LogOutput log = LogOutput.to(reader, missing -> missing + " missing\n");

    @AfterEach
    void letTheReaderGo() {
        reader.goOn();
    }

    @Test
    void linesAreWrittenInTheirOrder() {
        reader.goOn();
        List<String> lines =
                IntStream.range(0, 1_000).mapToObj(i -> "line " + i).toList();

        lines.forEach(line -> write(line + "\n"));
        log.awaitWritten(PROMPTLY);

        assertThat(reader.lines()).isEqualTo(lines);
        assertThat(log.droppedTotal()).isZero();
    }

    @Test
    void aStoppedReaderBlocksNoWriterAndMissesWhatDidNotFit() throws InterruptedException {
        write("first\n");
        reader.isAsked.await();

        IntStream.range(0, 1_000).forEach(i -> write(LINE));
        write("short\n");

        int kept = LogOutput.MAX_BYTES / LINE.length();
        assertThat(log.droppedTotal()).isEqualTo(1_001 - kept);
        reader.goOn();
        log.awaitWritten(PROMPTLY);
        write("later\n");
        log.awaitWritten(PROMPTLY);
        assertThat(reader.lines())
                .hasSize(kept + 3)
                .startsWith("first", LINE.strip())
                .endsWith(LINE.strip(), (1_001 - kept) + " missing", "later");
    }

    @Test
    void aLineThatIsLargerThanTheQueueIsDropped() {
        reader.goOn();

        write("x".repeat(LogOutput.MAX_BYTES) + "\n");
        log.awaitWritten(PROMPTLY);

        assertThat(reader.lines()).containsExactly("1 missing");
    }

    @Test
    void theEndOfTheProcessWaitsForAStoppedReaderForALimitedTime() {
        write("first\n");

        log.awaitWritten(Duration.ofMillis(50));

        assertThat(reader.lines()).isEmpty();
    }

    @Test
    void linesThatCannotBeWrittenAreCountedAndTheRestGoesOn() {
        reader.goOn();
        reader.isClosed = true;

        write("one\ntwo\n");
        await().until(log::droppedTotal, dropped -> dropped == 2);

        reader.isClosed = false;
        write("three\n");
        log.awaitWritten(PROMPTLY);
        assertThat(reader.lines()).containsExactly("three");
    }

    private void write(String lines) {
        byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
        log.write(bytes, 0, bytes.length);
    }

    /** Blocks until the test lets it go on, like a pipe that is not read. */
    private static final class Reader extends OutputStream {
        private final CountDownLatch isAsked = new CountDownLatch(1);
        private final CountDownLatch goesOn = new CountDownLatch(1);
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();
        private volatile boolean isClosed;

        void goOn() {
            goesOn.countDown();
        }

        List<String> lines() {
            synchronized (read) {
                return read.toString(StandardCharsets.UTF_8).lines().toList();
            }
        }

        @Override
        public void write(byte[] lines, int offset, int length) throws IOException {
            isAsked.countDown();
            try {
                assertThat(goesOn.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (isClosed) {
                throw new IOException("Broken pipe");
            }
            synchronized (read) {
                read.write(lines, offset, length);
            }
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }
    }
}
