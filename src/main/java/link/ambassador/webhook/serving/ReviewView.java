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
 * How much of a review is made a tree. Three mebibytes of JSON can be a million values, and a tree of those takes a hundred
 * times as many bytes as a list of brackets does; so values are counted before, which takes no memory.
 */
enum ReviewView {
    /** The pod, but for who wrote which of its fields, which is often half of it. */
    POD(new Members(Map.of("metadata", new Members(Map.of(), Set.of("managedFields"), true)), Set.of(), true)),
    /** What is needed to say that the pod has too much. */
    METADATA(only(Map.of("metadata", only("name", "generateName", "labels", "annotations")))),
    /** What is needed to answer. */
    ENVELOPE(only());

    /** Without a table of all names that anybody ever sent. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build());

    /**
     * Of all kinds, names of members not counted. One variable of a container is three, and seven with who wrote it; 1.5 MiB
     * is what the API server can store of a pod. A tree of so many takes some five mebibytes.
     */
    static final int MOST_VALUES = 50_000;

    @SuppressWarnings("ImmutableEnumChecker") // Ours keep nothing of what they see.
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

    /** Of an object: some members in part, and of the others all or none. */
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
