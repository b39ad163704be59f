package link.ambassador.model;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import link.ambassador.config.DurationSyntax;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Printable;

/** Reads single fields of a spec, each with its place, such as {@code spec.links[0].listen}. */
final class SpecFields {
    private SpecFields() {}

    static <T> T required(String place, T value) throws SpecRefusal {
        if (value == null) {
            throw new SpecRefusal(place, "missing", "given");
        }
        return value;
    }

    static Duration duration(String place, String text, Duration byDefault) throws SpecRefusal {
        if (text == null) {
            return byDefault;
        }
        return DurationSyntax.parse(text)
                .orElseThrow(() -> new SpecRefusal(place, "'" + Printable.text(text) + "'", DurationSyntax.WANTED));
    }

    static ExistingConnections existingConnections(String place, String word, ExistingConnections byDefault)
            throws SpecRefusal {
        return word(place, word, byDefault, ExistingConnections::ofWord, "Keep, Drain or Close");
    }

    /** The value of {@code values} that is called {@code word}; empty if there is none. */
    static <T> Optional<T> ofWord(T[] values, Function<T, String> wordOf, String word) {
        return Stream.of(values)
                .filter(value -> wordOf.apply(value).equals(word))
                .findFirst();
    }

    /** @param wanted the words that {@code ofWord} knows, for a person */
    static <T> T word(String place, String word, T byDefault, Function<String, Optional<T>> ofWord, String wanted)
            throws SpecRefusal {
        if (word == null) {
            return byDefault;
        }
        return ofWord.apply(word)
                .orElseThrow(() -> new SpecRefusal(
                        place, Printable.text(word), wanted + ", which is what this version of the operator knows"));
    }
}
