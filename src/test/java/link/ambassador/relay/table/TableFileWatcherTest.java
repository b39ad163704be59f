package link.ambassador.relay.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import link.ambassador.config.ParseResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a link table's file changes, and what the listener gets. */
final class TableFileWatcherTest {
    private static final String BAD = "{\"revision\":\"bad\",\"links\":[{\"listen\":0}]}";

    @TempDir
    private Path directory;

    private final BlockingQueue<String> reported = new LinkedBlockingQueue<>();
    private TableFileWatcher followed;

    @AfterEach
    void stop() {
        if (followed != null) {
            followed.close();
        }
    }

    @Test
    void itsEndEndsTheWatchOfTheKernelToo() throws Exception {
        Set<Thread> others = kernelWatches();
        followedTable();
        followed.close();
        await().until(() -> others.containsAll(kernelWatches()));
    }

    /** The JDK has a thread for each, with three descriptors. */
    private static Set<Thread> kernelWatches() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("FileSystemWatchService"))
                .collect(Collectors.toSet());
    }

    @Test
    void aFileThatIsReplacedByRenameIsRead() throws Exception {
        Path file = followedTable();
        for (String revision : List.of("2", "3", "4")) {
            replace(file, table(revision));
            expect("table " + revision);
        }
    }

    @Test
    void aFileThatIsWrittenInPlaceIsRead() throws Exception {
        Path file = followedTable();
        for (String revision : List.of("2", "3", "4")) {
            Files.writeString(file, table(revision));
            expect("table " + revision);
        }
        expectNothingFor(Duration.ofMillis(300));
    }

    @Test
    void aVolumeOfTheKubeletIsReadWhenItsDataIsSwapped() throws Exception {
        swapData(table("1"), "..1");
        Path file = Files.createSymbolicLink(directory.resolve("links.json"), Path.of("..data/links.json"));
        follow(file);
        expect("table 1");
        for (int i = 2; i <= 4; i++) {
            swapData(table("" + i), ".." + i);
            expect("table " + i);
        }
    }

    @Test
    void aWriterThatTruncatesAndTakesAWhileIsWaitedFor() throws Exception {
        Path file = followedTable();
        String next = table("2");
        Files.writeString(file, "");
        Files.writeString(file, next.substring(0, 20));
        expectNothingFor(Duration.ofMillis(50));
        Files.writeString(file, next);
        expect("table 2");
    }

    @Test
    void anEmptyFileAndNoFileAreNoTable() throws Exception {
        Path file = followedTable();
        Files.writeString(file, "");
        expect("no table: " + file + " is empty");
        Files.delete(file);
        expect("no table: there is no file " + file);
        replace(file, table("1"));
        expect("table 1");
    }

    @Test
    void aDirectoryInItsPlaceIsRejectedAndAFileThatComesBackIsRead() throws Exception {
        Path file = followedTable();
        Files.delete(file);
        Files.createDirectory(file);
        expect("rejected null: The link table: found " + file + ", which is a directory; it must be a regular file");
        Files.delete(file);
        replace(file, table("2"));
        expect("table 2");
    }

    @Test
    void aFifoInItsPlaceIsRejectedAndAFileThatComesBackIsRead() throws Exception {
        Path file = followedTable();
        Files.delete(file);
        Process mkfifo =
                new ProcessBuilder("mkfifo", file.toString()).inheritIO().start();
        assertThat(mkfifo.waitFor()).isZero();
        expect("rejected null: The link table: found " + file
                + ", which is a FIFO, a socket or a device; it must be a regular file");
        replace(file, table("2"));
        expect("table 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/zero", "/dev/null"})
    void aDeviceInItsPlaceIsRejected(String device) throws Exception {
        follow(Files.createSymbolicLink(directory.resolve("links.json"), Path.of(device)));
        expect("rejected null: The link table: found " + directory.resolve("links.json")
                + ", which is a FIFO, a socket or a device; it must be a regular file");
    }

    @Test
    void aSocketInItsPlaceIsRejected() throws Exception {
        Path file = directory.resolve("links.json");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(file));
            follow(file);
            expect("rejected null: The link table: found " + file);
        }
    }

    @Test
    void aFileThatIsNotThereYetIsWaitedForAndSoIsItsDirectory() throws Exception {
        Path file = directory.resolve("later/links.json");
        follow(file);
        expect("no table: there is no file " + file);
        Files.createDirectory(file.getParent());
        replace(file, table("1"));
        expect("table 1");
        replace(file, table("2"));
        expect("table 2");
    }

    @Test
    void aDirectoryThatIsReplacedIsFollowed() throws Exception {
        Path file = directory.resolve("volume/links.json");
        Files.createDirectory(file.getParent());
        replace(file, table("1"));
        follow(file);
        expect("table 1");
        Files.move(file.getParent(), directory.resolve("old"));
        Files.createDirectory(file.getParent());
        replace(file, table("2"));
        expect("table 2");
        replace(file, table("3"));
        expect("table 3");
    }

    @Test
    void aFileInADirectoryWithoutEventsIsReadWithinTwoSeconds() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere")).resolve("table");
        Files.writeString(elsewhere, table("1"));
        Path file = Files.createSymbolicLink(directory.resolve("links.json"), elsewhere);
        follow(file);
        expect("table 1");
        Files.writeString(elsewhere, table("2"));
        expect("table 2");
    }

    @Test
    void aBadTableIsReportedOnceAndAGoodOneAfterwardsAgain() throws Exception {
        Path file = followedTable();
        replace(file, BAD);
        expect("rejected bad: links[0].listen");
        expectNothingFor(Duration.ofMillis(1_200));
        replace(file, table("1"));
        expect("table 1");
    }

    @Test
    void tenMegabytesAreRejectedByTheirSize() throws Exception {
        Path file = directory.resolve("links.json");
        Files.write(file, new byte[10_000_000]);
        follow(file);
        expect("rejected null: The link table: found a document of 10000000 bytes");
    }

    @Test
    void otherFilesInTheDirectoryAreIgnored() throws Exception {
        Path file = followedTable();
        for (int i = 0; i < 1_000; i++) {
            Files.writeString(directory.resolve("other" + i), "x");
        }
        expectNothingFor(Duration.ofMillis(300));
        replace(file, table("2"));
        expect("table 2");
    }

    /** A file with table 1, which the listener has got. */
    private Path followedTable() throws Exception {
        Path file = directory.resolve("links.json");
        Files.writeString(file, table("1"));
        follow(file);
        expect("table 1");
        return file;
    }

    private void follow(Path file) {
        followed = TableFileWatcher.follow(file, Map.of(), new TableFileWatcher.Listener() {
            @Override
            public void accepted(ParseResult.Accepted accepted) {
                reported.add("table " + accepted.table().revision().orElseThrow());
            }

            @Override
            public void rejected(ParseResult.Rejected rejected, Optional<String> revision) {
                reported.add("rejected " + revision.orElse(null) + ": " + rejected.sentence());
            }

            @Override
            public void noTable(String why) {
                reported.add("no table: " + why);
            }
        });
    }

    private void expect(String begin) throws InterruptedException {
        assertThat(reported.poll(3, TimeUnit.SECONDS)).startsWith(begin);
    }

    private void expectNothingFor(Duration time) throws InterruptedException {
        assertThat(reported.poll(time.toMillis(), TimeUnit.MILLISECONDS)).isNull();
    }

    static String table(String revision) {
        return "{\"revision\":\"" + revision + "\",\"links\":[]}";
    }

    private void replace(Path file, String content) throws IOException {
        Path next = directory.resolve("next");
        Files.writeString(next, content, StandardCharsets.UTF_8);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Like the kubelet's atomic writer. */
    private void swapData(String content, String name) throws IOException {
        Path data = Files.createDirectory(directory.resolve(name));
        Files.writeString(data.resolve("links.json"), content);
        Path next = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of(name));
        Files.move(next, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }
}
