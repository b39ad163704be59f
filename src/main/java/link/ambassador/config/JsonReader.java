package link.ambassador.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Typed steps over a JSON document, each of which knows where it is and says so when it finds something else. */
final class JsonReader {
    private static final Pattern PLAIN_FIELD = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private final JsonParser parser;
    private final List<String> unknownFields = new ArrayList<>();

    JsonReader(JsonParser parser) {
        this.parser = parser;
    }

    /** One field of an object: called at its value, which it must consume; false when it does not know the field. */
    interface Field {
        boolean read(String name) throws IOException, Rejection;
    }

    /** One element of an array: called at its value, which it must consume. */
    interface Element {
        void read(int index) throws IOException, Rejection;
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

    void object(String wanted, Field field) throws IOException, Rejection {
        expect(JsonToken.START_OBJECT, wanted);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            if (!field.read(name)) {
                if (unknownFields.size() < LinkTableReader.MOST_UNKNOWN) {
                    unknownFields.add(path());
                }
                parser.skipChildren();
            }
        }
    }

    void array(String wanted, Element element) throws IOException, Rejection {
        expect(JsonToken.START_ARRAY, wanted);
        for (int index = 0; parser.nextToken() != JsonToken.END_ARRAY; index++) {
            element.read(index);
        }
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

    long number(long least, long most, String wanted) throws IOException, Rejection {
        expect(JsonToken.VALUE_NUMBER_INT, wanted);
        // Asked for its type and not parsed as text: a document may hold a number of a thousand digits.
        boolean fits = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        if (!fits || parser.getLongValue() < least || parser.getLongValue() > most) {
            throw rejection(found(), wanted);
        }
        return parser.getLongValue();
    }

    /** The path of the value that the cursor is at. */
    String path() {
        JsonStreamContext context = parser.getParsingContext();
        JsonToken token = parser.currentToken();
        boolean opened = token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY;
        return path(opened ? context.getParent() : context);
    }

    Rejection rejection(String found, String wanted) {
        return new Rejection(path(), found, wanted);
    }

    /** What the cursor is at, in words. */
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

    /** Carries a {@link ParseResult.Rejected} out of the depth of a document; costs no stack trace. */
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
