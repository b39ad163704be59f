package link.ambassador.relay.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A read that does not return: a FIFO replaced the file after its type was checked. */
final class FileReadsTest {
    private static final Path FILE = Path.of("links.json");
    private static final Path FIFO = Path.of("fifo");

    private final CountDownLatch written = new CountDownLatch(1);
    private final FileReads reads = new FileReads(this::read, Duration.ofMillis(200));

    @AfterEach
    void write() {
        written.countDown();
        reads.close();
    }

    @Test
    void aReadThatDoesNotReturnIsLeftBehindAndTheNextIsNot() throws InterruptedException {
        assertThat(reads.read(FIFO).problem()).isEqualTo("fifo cannot be read: it does not answer");
        assertThat(reads.read(FILE).problem()).isEqualTo("links.json was read");
    }

    @Test
    void onlyAFewAreLeftBehindAndTheyReadAgainWhenTheyReturn() throws InterruptedException {
        for (int i = 0; i < FileReads.MAX_LEFT_BEHIND; i++) {
            reads.read(FIFO);
        }
        assertThat(reads.read(FILE).problem()).isEqualTo("links.json cannot be read: it does not answer");

        written.countDown();
        await().until(() -> reads.read(FILE).problem().equals("links.json was read"));
    }

    private TableSnapshot read(Path file) {
        try {
            if (file.equals(FIFO)) {
                written.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return TableSnapshot.none(file + " was read");
    }
}
