package link.ambassador.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The shipped schema agrees with the records and the reader. */
class LinkTableSchemaTest {
    @Test
    void itsFieldsAreThoseOfTheRecords() throws IOException {
        JsonNode schema = schema();

        Set<String> table = components(LinkTable.class);
        table.add("requires");
        assertThat(fields(schema)).isEqualTo(table);
        assertThat(fields(schema.at("/$defs/source"))).isEqualTo(components(Source.class));
        assertThat(fields(schema.at("/$defs/target"))).isEqualTo(components(Target.class));
        Set<String> link = components(Link.class);
        link.add("protocol");
        assertThat(fields(schema.at("/$defs/link"))).isEqualTo(link);
    }

    @Test
    void itsDefaultsAndRulesAreThoseOfTheRecords() throws IOException {
        JsonNode link = schema().at("/$defs/link/properties");

        assertThat(link.at("/connectTimeout/default").asText())
                .isEqualTo(DurationSyntax.format(Link.DEFAULT_CONNECT_TIMEOUT));
        assertThat(link.at("/halfCloseTimeout/default").asText())
                .isEqualTo(DurationSyntax.format(Link.DEFAULT_HALF_CLOSE_TIMEOUT));
        assertThat(link.at("/drainTimeout/default").asText())
                .isEqualTo(DurationSyntax.format(Link.DEFAULT_DRAIN_TIMEOUT));
        assertThat(link.at("/existingConnections/default").asText())
                .isEqualTo(Link.DEFAULT_EXISTING_CONNECTIONS.word());
        assertThat(link.at("/idleTimeout").has("default")).isFalse();
        assertThat(link.at("/maxConnections").has("default")).isFalse();
        assertThat(link.at("/targets/maxItems").asInt()).isEqualTo(Link.MAX_TARGETS);
        assertThat(link.at("/alias/pattern").asText()).isEqualTo(Link.ALIAS_PATTERN);
        assertThat(schema().at("/properties/revision/pattern").asText()).isEqualTo(LinkTable.OPAQUE_PATTERN);
        assertThat(schema().at("/$defs/duration/pattern").asText()).isEqualTo(DurationSyntax.PATTERN);
        List<String> words = Stream.of(ExistingConnections.values())
                .map(ExistingConnections::word)
                .toList();
        assertThat(link.at("/existingConnections/enum"))
                .extracting(JsonNode::asText)
                .containsExactlyElementsOf(words);
    }

    private static JsonNode schema() throws IOException {
        return new ObjectMapper()
                .readTree(Path.of("src/main/resources/link-table.schema.json").toFile());
    }

    private static Set<String> fields(JsonNode object) {
        TreeSet<String> names = new TreeSet<>();
        object.get("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<String> components(Class<? extends Record> type) {
        return new TreeSet<>(Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toList());
    }
}
