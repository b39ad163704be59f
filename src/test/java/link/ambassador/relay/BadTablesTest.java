package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.LinkTable;
import link.ambassador.relay.table.TableApplier;
import link.ambassador.relay.table.TableFileWatcher;
import link.ambassador.relay.watch.ExpectedWarning;
import link.ambassador.relayspec.Pair;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contract point 5, through the file: a bad table changes nothing, and is reported. */
final class BadTablesTest {
    private static final Path TABLES = Path.of("src/test/resources/link-tables");

    @TempDir
    private Path directory;

    @ExpectedWarning("rejected the link table, keeping the previous one")
    @Test
    void everyBadTableChangesNothingAndShowsAsRejected() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            LinksFile file = new LinksFile(directory.resolve("links.json"));
            file.replace(good(relay, "good"));
            try (TableFileWatcher followed = TableFileWatcher.follow(
                    file.path(),
                    Map.of(15990, "the admin port"),
                    new TableApplier(relay.relay, Optional.empty(), () -> {}))) {
                assertThat(followed).isNotNull();
                await().until(() -> revision(relay), "good"::equals);
                Pair pair = relay.wire.open();
                pair.downstream().send("here");
                pair.upstream().expectBytes("here");
                String links = relay.links().getJsonArray("links").encode();
                Properties expected = expected();
                int rejected = 0;
                for (String name : new TreeSet<>(expected.stringPropertyNames())) {
                    file.replace(Files.readAllBytes(TABLES.resolve(name + ".json")));
                    int count = ++rejected;
                    await().pollInterval(Duration.ofMillis(10))
                            .until(() -> TestRelay.await(relay.relay.inspect(
                                            () -> relay.relay.tableStatus().rejectedTotal()))
                                    == count);
                    JsonObject says = relay.links();
                    assertThat(says.getJsonObject("rejected").getString("error"))
                            .as(name)
                            .contains(expected.getProperty(name)
                                    .split("\\|", -1)[1]
                                    .strip());
                    assertThat(revision(relay)).isEqualTo("good");
                    assertThat(says.getJsonArray("links").encode()).isEqualTo(links);
                }
                assertThat(rejected).isGreaterThanOrEqualTo(50);
                pair.downstream().send("still here");
                pair.upstream().expectBytes("still here");

                file.replace(good(relay, "better"));
                await().until(() -> revision(relay), "better"::equals);
                assertThat(relay.links().getJsonObject("rejected")).isNull();
            }
        }
    }

    private static LinkTable good(TestRelay relay, String revision) {
        return new LinkTable(
                Optional.of(revision),
                List.of(),
                List.of(relay.link(ExistingConnections.CLOSE, Duration.ofSeconds(30), relay.target)));
    }

    private static String revision(TestRelay relay) {
        return relay.links().getJsonObject("applied").getString("revision");
    }

    private static Properties expected() throws IOException {
        Properties expected = new Properties();
        try (Reader reader = Files.newBufferedReader(TABLES.resolve("expected.properties"))) {
            expected.load(reader);
        }
        return expected;
    }
}
