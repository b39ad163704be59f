package link.ambassador.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LinkTableDocsTest {
    private static final Pattern EXAMPLE = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL);

    @Test
    void theExamplesOfTheDocumentationAreTablesWithoutUnknownFields() throws IOException {
        List<String> examples = EXAMPLE.matcher(Files.readString(Path.of("docs/link-table.md")))
                .results()
                .map((MatchResult example) -> example.group(1))
                .toList();

        assertThat(examples).hasSize(9).allSatisfy(example -> assertThat(
                        LinkTableReader.read(example.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(ParseResult.Accepted.class, accepted -> assertThat(accepted.unknownFields())
                        .isEmpty()));
    }
}
