package link.ambassador.operator;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The tree and the image of an earlier commit, which {@code src/test/cluster/images/previous COMMIT} prepares. */
final class PreviousVersion {
    static final String REPOSITORY = "localhost/amb-previous";
    static final String IMAGE = REPOSITORY + ":test";

    private static final Path TREE = Path.of(Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                    .orElse(System.getProperty("user.home") + "/.cache"))
            .resolve("ambassador/cluster/previous");

    static final Path INSTALL = TREE.resolve("src/test/cluster/install");
    static final Path CHART = TREE.resolve("kubernetes/helm/ambassador");

    private PreviousVersion() {}

    /** Skips the test if no earlier commit was prepared. */
    static void assumePrepared() {
        assumeTrue(
                Files.exists(TREE.resolve("commit")),
                "no earlier version was prepared: src/test/cluster/images/previous COMMIT, then src/test/cluster/up");
    }
}
