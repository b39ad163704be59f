package link.ambassador.relay.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyedCertificateTest {
    private static final int READS = 2_000;

    @TempDir
    private Path directory;

    /** As the kubelet does, which also removes the files before. */
    @Test
    void aPairIsNeverReadInTheMiddleOfASwap() throws Exception {
        TestAuthority authority = new TestAuthority("a");
        List<TestAuthority.Leaf> leaves = List.of(authority.leaf("a.example.com"), authority.leaf("b.example.com"));
        leaves.get(0).write(directory);
        AtomicBoolean over = new AtomicBoolean();
        Thread kubelet = new Thread(() -> {
            for (int i = 1; !over.get(); i++) {
                leaves.get(i % 2).write(directory);
                removeOld();
            }
        });
        kubelet.start();
        Vertx vertx = Vertx.vertx();
        try {
            KeyedCertificate.Pem known = null;
            int swaps = 0;
            for (int i = 0; i < READS; i++) {
                KeyedCertificate.Pem read = KeyedCertificate.read(directory);
                if (!read.equals(known)) {
                    swaps++;
                    known = read;
                    KeyedCertificate.parse(vertx, directory, read);
                }
            }
            assertThat(swaps).isGreaterThan(1);
        } finally {
            over.set(true);
            kubelet.join();
            vertx.close();
        }
    }

    private void removeOld() {
        try (Stream<Path> versions = Files.list(directory)) {
            Path now = directory.resolve(Files.readSymbolicLink(directory.resolve("..data")));
            for (Path version : versions.filter(
                            path -> path.getFileName().toString().startsWith("..version"))
                    .toList()) {
                if (!version.equals(now)) {
                    Files.delete(version.resolve("tls.crt"));
                    Files.delete(version.resolve("tls.key"));
                    Files.delete(version);
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
