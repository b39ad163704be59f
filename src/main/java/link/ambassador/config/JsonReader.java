package link.ambassador.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Reads a JSON document value by value. A value of another type or range is a {@link Rejection}, which says where it
 * is.
 */
final class JsonReader {
    private static final Pattern PLAIN_FIELD = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private final JsonParser parser;
    private final List<String> unknownFields = new ArrayList<>();

    JsonReader(JsonParser parser) {
        this.parser = parser;
    }

    List<String> unknownFields() {
        return unknownFields;
    }

    void next() throws IOException {
        parser.nextToken();
    }

    boolean atEnd() throws IOException {
        return parser.nextToken() == null;
    }

    void beginObject(String wanted) throws IOException, Rejection {
        expect(JsonToken.START_OBJECT, wanted);
    }

    /** Goes to the value of the object's next field, which the caller has to read; null at the end of the object. */
    String nextField() throws IOException {
        if (parser.nextToken() == JsonToken.END_OBJECT) {
            return null;
        }
        String name = parser.currentName();
        parser.nextToken();
        return name;
    }

    /** Reads over the value of a field that the caller does not know. */
    void skipUnknown() throws IOException {
        if (unknownFields.size() < LinkTableReader.MAX_UNKNOWN) {
            unknownFields.add(path());
        }
        skip();
    }

    /**
     * Rejects a field that the caller does not know, where it may be a condition on the peer: without it the connection is not what the
     * table's author wanted.
     */
    Rejection unknown(String field) {
        return rejection(
                "the field \"" + Printable.text(field) + "\"",
                "one that this relay knows. Recreate the pod to give it a newer relay");
    }

    /** Reads over a value. */
    void skip() throws IOException {
        parser.skipChildren();
    }

    boolean isString() {
        return parser.currentToken() == JsonToken.VALUE_STRING;
    }

    void beginArray(String wanted) throws IOException, Rejection {
        expect(JsonToken.START_ARRAY, wanted);
    }

    /** Goes to the array's next element, which the caller has to read; false at the end of the array. */
    boolean nextElement() throws IOException {
        return parser.nextToken() != JsonToken.END_ARRAY;
    }

    String string(String wanted, Predicate<String> valid) throws IOException, Rejection {
        expect(JsonToken.VALUE_STRING, wanted);
        String text = parser.getText();
        if (!valid.test(text)) {
            throw rejection(found(), wanted);
        }
        return text;
    }

    Duration duration() throws IOException, Rejection {
        String text = string(
                DurationSyntax.WANTED, value -> DurationSyntax.parse(value).isPresent());
        return DurationSyntax.parse(text).orElseThrow();
    }

    /** A duration from {@code min} to {@code max}. */
    Duration duration(String wanted, Duration min, Duration max) throws IOException, Rejection {
        String text = string(wanted, value -> DurationSyntax.parse(value)
                .filter(duration -> duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0)
                .isPresent());
        return DurationSyntax.parse(text).orElseThrow();
    }

    /** One of the words of {@code choices}. */
    <E extends Enum<E> & Word> E word(Class<E> choices) throws IOException, Rejection {
        Optional<E> choice = isString() ? Word.parse(choices, parser.getText()) : Optional.empty();
        if (choice.isEmpty()) {
            throw rejection(found(), wanted(choices));
        }
        return choice.get();
    }

    /** What {@link #word} accepts, for a person. */
    static <E extends Enum<E> & Word> String wanted(Class<E> choices) {
        return Word.anyOf(choices, "\"");
    }

    long number(long min, long max, String wanted) throws IOException, Rejection {
        expect(JsonToken.VALUE_NUMBER_INT, wanted);
        // The type first: a document may hold a number of a thousand digits.
        boolean fits = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        if (!fits || parser.getLongValue() < min || parser.getLongValue() > max) {
            throw rejection(found(), wanted);
        }
        return parser.getLongValue();
    }

    /** The path of the value that the reader is at. */
    String path() {
        JsonStreamContext context = parser.getParsingContext();
        JsonToken token = parser.currentToken();
        boolean opened = token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY;
        return path(opened ? context.getParent() : context);
    }

    Rejection rejection(String found, String wanted) {
        return new Rejection(path(), found, wanted);
    }

    /** What the reader is at, in words. */
    String found() throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            return "nothing";
        }
        return switch (token) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "the string \"" + Printable.text(parser.getText()) + '"';
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + Printable.text(parser.getText());
            default -> Printable.text(parser.getText());
        };
    }

    static String child(String path, String field) {
        if (!PLAIN_FIELD.matcher(field).matches()) {
            return path + "[\"" + Printable.text(field) + "\"]";
        }
        return path.isEmpty() ? field : path + "." + field;
    }

    /** Rejects the object at {@code path}, unless it has this field. */
    static void require(boolean present, String path, String field, String wanted) throws Rejection {
        if (!present) {
            throw new Rejection(child(path, field), "nothing", wanted);
        }
    }

    private void expect(JsonToken token, String wanted) throws IOException, Rejection {
        if (parser.currentToken() != token) {
            throw rejection(found(), wanted);
        }
    }

    private static String path(JsonStreamContext context) {
        if (context == null || context.inRoot()) {
            return "";
        }
        String parent = path(context.getParent());
        if (context.inArray()) {
            return parent + "[" + Math.max(0, context.getCurrentIndex()) + "]";
        }
        return context.hasCurrentName() ? child(parent, context.getCurrentName()) : parent;
    }

    /** Ends the parsing of a document with a {@link ParseResult.Rejected}. Has no stack trace. */
    static final class Rejection extends Exception {
        private final transient ParseResult.Rejected rejected;

        Rejection(String path, String found, String wanted) {
            super(found, null, false, false);
            this.rejected = new ParseResult.Rejected(path, found, wanted);
        }

        ParseResult.Rejected rejected() {
            return rejected;
        }
    }
}
