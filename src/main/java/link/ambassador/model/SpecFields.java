package link.ambassador.model;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import link.ambassador.config.DurationSyntax;
import link.ambassador.config.Printable;
import link.ambassador.config.Word;

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

    /** The choice of this word; null is {@code byDefault}. */
    static <E extends Enum<E> & Word> E word(String place, String word, E byDefault, Class<E> choices)
            throws SpecRefusal {
        if (word == null) {
            return byDefault;
        }
        return Word.parse(choices, word).orElseThrow(() -> unknown(place, word, Word.anyOf(choices)));
    }

    /** @param wanted what {@code parse} knows, for a person */
    static <T> T parsed(String place, String text, T byDefault, Function<String, Optional<T>> parse, String wanted)
            throws SpecRefusal {
        if (text == null) {
            return byDefault;
        }
        return parse.apply(text).orElseThrow(() -> unknown(place, text, wanted));
    }

    private static SpecRefusal unknown(String place, String text, String wanted) {
        return new SpecRefusal(
                place, Printable.text(text), wanted + ", which is what this version of the operator knows");
    }
}
