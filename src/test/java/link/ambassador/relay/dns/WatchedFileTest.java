package link.ambassador.relay.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which calls wait for a read of the file, and which thread reads it. */
class WatchedFileTest {
    private static final String LARGE = " ".repeat((int) WatchedFile.LARGE_BYTES);

    private final DefaultEventLoopGroup group = new DefaultEventLoopGroup(1);
    private final EventLoop loop = group.next();
    private final ExecutorService worker = Executors.newSingleThreadExecutor();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicReference<Thread> reader = new AtomicReference<>();
    private volatile CountDownLatch reading = new CountDownLatch(0);
    private Path path;
    private WatchedFile<String> file;

    @BeforeEach
    void start(@TempDir Path directory) {
        path = directory.resolve("file");
        file = new WatchedFile<>(path, this::parse, loop, worker, nanos::get);
    }

    @AfterEach
    void stop() {
        reading.countDown();
        worker.shutdownNow();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private String parse(InputStream content) throws IOException {
        reader.set(Thread.currentThread());
        try {
            reading.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return new String(content.readAllBytes(), StandardCharsets.UTF_8).trim();
    }

    @Test
    void itIsNotReadOnTheEventLoop() throws Exception {
        write("one");
        assertThat(await(() -> file.get())).isEqualTo("one");
        Thread loopThread = loop.submit(Thread::currentThread).get();
        assertThat(reader.get()).isNotNull().isNotSameAs(loopThread);
    }

    @Test
    void noCallWaitsForALargeFileThatChanged() throws Exception {
        write("one" + LARGE);
        assertThat(await(() -> file.get())).isEqualTo("one");
        reading = new CountDownLatch(1);
        write("two" + LARGE);
        later(Duration.ofSeconds(1));
        assertThat(await(() -> file.get())).isEqualTo("one");
        later(Duration.ofSeconds(1));
        assertThat(await(() -> file.get())).isEqualTo("one");
        reading.countDown();
        Awaitility.await().until(() -> await(() -> file.get()).equals("two"));
    }

    @Test
    void onlyARereadWaitsUntilTheFileIsParsedAgain() throws Exception {
        write("one");
        await(() -> file.get());
        reading = new CountDownLatch(1);
        Future<String> anew = loop.submit(() -> file.reread()).get();
        assertThat(await(() -> file.get())).isEqualTo("one");
        assertThat(anew.isComplete()).isFalse();
        reading.countDown();
        assertThat(await(() -> anew)).isEqualTo("one");
    }

    @Test
    void aFileThatCannotBeReadInTimeIsWaitedForOnce() throws Exception {
        reading = new CountDownLatch(1);
        write("one");
        assertThat(await(() -> file.get())).isNull();
        later(Duration.ofSeconds(60));
        assertThat(loop.submit(() -> file.get()).get().isComplete()).isTrue();
    }

    private void later(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }

    private String await(Supplier<Future<String>> asked) throws Exception {
        return loop.submit(asked::get)
                .get()
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    private void write(String content) throws IOException {
        Path beside = path.resolveSibling("beside");
        Files.writeString(beside, content);
        Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE);
    }
}
