package link.ambassador.webhook.serving;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.filter.FilteringParserDelegate;
import com.fasterxml.jackson.core.filter.TokenFilter;
import com.fasterxml.jackson.core.filter.TokenFilter.Inclusion;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How much of a review is read into a tree. Three mebibytes of JSON can contain a million values, and their tree can take a hundred times
 * the bytes of the JSON. So the values are counted before, which takes no memory.
 */
enum ReviewView {
    /** The pod without managedFields, which are often half of it. */
    POD(new Members(Map.of("metadata", new Members(Map.of(), Set.of("managedFields"), true)), Set.of(), true)),
    /** Enough to say that the pod is too large. */
    METADATA(only(Map.of("metadata", only("name", "generateName", "labels", "annotations")))),
    /** Enough to answer. */
    ENVELOPE(only());

    /** Keeps no table of all field names that were ever sent. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build());

    /**
     * Values of all kinds, without the names of members. One variable of a container is three values, and seven with its managedFields.
     * The API server can store a pod of 1.5 MiB. A tree of so many values takes some five mebibytes.
     */
    static final int MOST_VALUES = 50_000;

    @SuppressWarnings("ImmutableEnumChecker") // These filters keep no state.
    private final TokenFilter filter;

    ReviewView(TokenFilter ofThePod) {
        TokenFilter all = TokenFilter.INCLUDE_ALL;
        TokenFilter request = only(Map.of("uid", all, "namespace", all, "kind", all, "object", ofThePod));
        filter = only(Map.of("apiVersion", all, "kind", all, "request", request));
    }

    /** A tree of this view, or null when it would have too many values. */
    JsonNode read(byte[] json) throws IOException {
        try (JsonParser counted = parser(json)) {
            int values = 0;
            while (counted.nextToken() != null) {
                if ((counted.currentToken().isScalarValue()
                                || counted.currentToken().isStructStart())
                        && ++values > MOST_VALUES) {
                    return null;
                }
            }
        }
        try (JsonParser parser = parser(json)) {
            JsonNode tree = JSON.readTree(parser);
            return tree == null ? JSON.missingNode() : tree;
        }
    }

    private JsonParser parser(byte[] json) throws IOException {
        return new FilteringParserDelegate(JSON.createParser(json), filter, Inclusion.INCLUDE_ALL_AND_PATH, true);
    }

    private static TokenFilter only(String... names) {
        return only(Arrays.stream(names).collect(Collectors.toMap(name -> name, name -> TokenFilter.INCLUDE_ALL)));
    }

    private static TokenFilter only(Map<String, TokenFilter> members) {
        return new Members(members, Set.of(), false);
    }

    /** Of an object some members in part, some not at all, and all or none of the others. */
    private static final class Members extends TokenFilter {
        private final Map<String, TokenFilter> some;
        private final Set<String> none;
        private final boolean others;

        Members(Map<String, TokenFilter> some, Set<String> none, boolean others) {
            this.some = some;
            this.none = none;
            this.others = others;
        }

        @Override
        public TokenFilter includeProperty(String name) {
            TokenFilter inPart = some.get(name);
            if (inPart != null || none.contains(name)) {
                return inPart;
            }
            return others ? TokenFilter.INCLUDE_ALL : null;
        }
    }
}
