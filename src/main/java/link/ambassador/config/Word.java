package link.ambassador.config;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A choice that the resource and a link table's JSON write as a word; the constant of an enum with two or more. */
public interface Word {
    /** The word, in this case. */
    String word();

    /** The choice for this word; empty if there is none. */
    static <E extends Enum<E> & Word> Optional<E> parse(Class<E> choices, String word) {
        return Arrays.stream(choices.getEnumConstants())
                .filter(choice -> choice.word().equals(word))
                .findFirst();
    }

    /** All choices for a sentence, such as {@code Keep, Drain or Close}. */
    static <E extends Enum<E> & Word> String anyOf(Class<E> choices) {
        return anyOf(choices, "");
    }

    /** All choices for a sentence, with {@code quote} before and after each word. */
    static <E extends Enum<E> & Word> String anyOf(Class<E> choices, String quote) {
        List<String> words = Arrays.stream(choices.getEnumConstants())
                .map(choice -> quote + choice.word() + quote)
                .toList();
        int last = words.size() - 1;
        return String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }
}
