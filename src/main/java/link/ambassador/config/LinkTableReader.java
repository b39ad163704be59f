package link.ambassador.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a link table's JSON. Whatever the bytes are, it throws nothing: every document has a {@link ParseResult}.
 *
 * <p>It is strict where a mistake could send traffic astray: types, ranges, duplicate fields, text behind the document.
 * It is lenient where a newer writer may write more: it ignores unknown fields and reports them.
 */
public final class LinkTableReader {
    /** The largest document that is parsed, in bytes. */
    public static final int MAX_BYTES = 1 << 20;

    /** How many unknown fields are reported. */
    public static final int MAX_UNKNOWN = 100;

    private static final int MAX_DEPTH = 32;
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private LinkTableReader() {}

    /** {@link #read(byte[], Map)} with no port reserved. */
    public static ParseResult read(byte[] document) {
        return read(document, Map.of());
    }

    /**
     * Parses a document.
     *
     * @param document UTF-8 without a byte order mark, at most {@value #MAX_BYTES} bytes
     * @param reserved ports that no link may listen on, each with what it is, as in {@code "the admin port"}
     */
    public static ParseResult read(byte[] document, Map<Integer, String> reserved) {
        if (document.length > MAX_BYTES) {
            return tooLarge(document.length);
        }
        if (blank(document)) {
            return new ParseResult.NoTable();
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(document))
                    .toString();
        } catch (CharacterCodingException e) {
            return new ParseResult.Rejected("", "bytes that are not UTF-8", "one JSON document in UTF-8");
        }
        if (text.startsWith("\uFEFF")) {
            return new ParseResult.Rejected(
                    "", "a byte order mark", "one JSON document in UTF-8 without a byte order mark");
        }
        return read(text, reserved);
    }

    /** The result for a document of more than {@value #MAX_BYTES} bytes, which need not be read. */
    public static ParseResult.Rejected tooLarge(long bytes) {
        return new ParseResult.Rejected("", "a document of " + bytes + " bytes", "at most " + MAX_BYTES + " bytes");
    }

    /** The revision in a document, even if other parts of it are wrong; empty if it cannot be found. */
    public static Optional<String> revision(byte[] document) {
        try (JsonParser parser = JSON.createParser(document)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean revision = parser.currentName().equals("revision");
                JsonToken value = parser.nextToken();
                if (revision) {
                    boolean valid = value == JsonToken.VALUE_STRING && LinkTable.opaque(parser.getText());
                    return valid ? Optional.of(parser.getText()) : Optional.empty();
                }
                parser.skipChildren();
            }
        } catch (IOException notJsonBeforeTheRevision) {
            // There is no revision to be found.
        }
        return Optional.empty();
    }

    private static ParseResult read(String text, Map<Integer, String> reserved) {
        // Most tables have none, and are read once.
        if (!text.contains("\"trust\"")) {
            return parse(text, json -> new LinkTableParser(json, reserved, Map.of()).table());
        }
        Map<String, Trust.Bundle> trust = new HashMap<>();
        ParseResult first = parse(text, json -> {
            trust.putAll(LinkTableParser.trust(json));
            return LinkTable.of(List.of());
        });
        return first instanceof ParseResult.Accepted
                ? parse(text, json -> new LinkTableParser(json, reserved, trust).table())
                : first;
    }

    @FunctionalInterface
    private interface Parsing {
        LinkTable table(JsonReader json) throws IOException, JsonReader.Rejection;
    }

    private static ParseResult parse(String text, Parsing parsing) {
        try (JsonParser parser = JSON.createParser(text)) {
            JsonReader json = new JsonReader(parser);
            try {
                json.next();
                LinkTable table = parsing.table(json);
                if (!json.atEnd()) {
                    return new ParseResult.Rejected(
                            "", json.found() + " after the end of the document", "one JSON document");
                }
                return new ParseResult.Accepted(table, json.unknownFields());
            } catch (JsonReader.Rejection rejection) {
                return rejection.rejected();
            } catch (JsonProcessingException e) {
                return syntax(json.path(), e);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot fail to be read", e);
        }
    }

    /** Gives line and column: the last field that was read may be before the place. */
    private static ParseResult.Rejected syntax(String path, JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        String where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        if (e instanceof JsonEOFException) {
            return new ParseResult.Rejected("", "the end of the document half-way" + where, "a whole JSON document");
        }
        if (e instanceof StreamConstraintsException) {
            return new ParseResult.Rejected(
                    "",
                    "a value too deep or too long" + where,
                    "nested at most " + MAX_DEPTH + " deep, with names and numbers of ordinary length");
        }
        String message = e.getOriginalMessage();
        if (message.startsWith("Duplicate field")) {
            return new ParseResult.Rejected(path, "the same field a second time" + where, "given once");
        }
        // The parser's message says which character it met. Behind the colon it advises on its settings.
        int advice = message.indexOf(": ");
        String problem = Printable.text(advice < 0 ? message : message.substring(0, advice));
        return new ParseResult.Rejected("", "what is not JSON" + where + ": " + problem, "JSON");
    }

    private static boolean blank(byte[] document) {
        for (byte b : document) {
            if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
                return false;
            }
        }
        return true;
    }
}
