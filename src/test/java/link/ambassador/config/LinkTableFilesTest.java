package link.ambassador.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of link-tables is parsed as its name says. */
class LinkTableFilesTest {
    private static final Path DIRECTORY = Path.of("src/test/resources/link-tables");
    private static final Map<Integer, String> RESERVED = Map.of(15990, "the admin port");

    @ParameterizedTest
    @MethodSource("invalid")
    void aBadTableSaysWhereItIsWrongWhatWasFoundAndWhatWouldBeRight(String name) throws IOException {
        String[] expected = expected().getProperty(name, "no|expectation|given").split("\\|", -1);

        assertThat(read(name)).isInstanceOfSatisfying(ParseResult.Rejected.class, rejected -> {
            assertThat(rejected.path()).isEqualTo(expected[0].strip());
            assertThat(rejected.found()).contains(expected[1].strip());
            assertThat(rejected.wanted()).contains(expected[2].strip());
            assertThat(rejected.sentence()).hasSizeLessThan(500).doesNotContain("\n");
        });
    }

    @ParameterizedTest
    @MethodSource("valid")
    void aGoodTableIsAcceptedAndSurvivesWriting(String name) throws IOException {
        assertThat(read(name)).isInstanceOfSatisfying(ParseResult.Accepted.class, accepted -> assertThat(
                        LinkTableReader.read(LinkTableWriter.write(accepted.table())))
                .isEqualTo(new ParseResult.Accepted(accepted.table(), List.of())));
    }

    @Test
    void everyExpectationHasItsFile() throws IOException {
        assertThat(expected().stringPropertyNames())
                .hasSizeGreaterThanOrEqualTo(50)
                .isEqualTo(new TreeSet<>(invalid().toList()));
    }

    static Stream<String> invalid() throws IOException {
        return names("invalid-");
    }

    static Stream<String> valid() throws IOException {
        return names("valid-");
    }

    private static ParseResult read(String name) throws IOException {
        return LinkTableReader.read(Files.readAllBytes(DIRECTORY.resolve(name + ".json")), RESERVED);
    }

    private static Properties expected() throws IOException {
        Properties expected = new Properties();
        try (Reader reader = Files.newBufferedReader(DIRECTORY.resolve("expected.properties"))) {
            expected.load(reader);
        }
        return expected;
    }

    private static Stream<String> names(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(file -> file.startsWith(prefix) && file.endsWith(".json"))
                    .map(file -> file.substring(0, file.length() - ".json".length()))
                    .sorted()
                    .toList()
                    .stream();
        }
    }
}
