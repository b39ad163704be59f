package link.ambassador.config;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a relay of this version understands beyond the first link tables. A table names the features that it {@code requires}, and a
 * relay that lacks one rejects the table: it must not serve a link without what the link is there for.
 */
public enum Feature {
    /** New connections can be held. */
    HOLD("hold/1"),

    /** Either side of a link can have TLS. */
    TLS("tls/1"),

    /** A target can be dialled before connections go there. */
    PREFLIGHT("preflight/1"),

    /** Some of the relays that read one table can serve other links than the others. */
    STAGED("staged/1"),

    /** The relay can tell targets who the consumer is. */
    PROXY_OUT("proxy-out/1"),

    /** Downstreams can tell the relay for whom they connect. */
    PROXY_IN("proxy-in/1"),

    /** The health of targets can be checked, and decides where connections go. */
    HEALTH("health/1");

    /** How many features a table may require. */
    static final int MOST = 32;

    private static final Pattern WORD = Pattern.compile("[a-z-]{1,32}/[0-9]{1,4}");
    private final String word;

    Feature(String word) {
        this.word = word;
    }

    /** What the table says. */
    public String word() {
        return word;
    }

    /** The feature of this word; empty when this version does not know it. */
    static Optional<Feature> ofWord(String word) {
        return Arrays.stream(values())
                .filter(feature -> feature.word.equals(word))
                .findFirst();
    }

    /** Whether some version may know {@code word}. */
    static boolean isWord(String word) {
        return WORD.matcher(word).matches();
    }

    /** The features in a list of words, separated by commas, such as {@link #words} returns; without those of other versions. */
    public static Set<Feature> in(String words) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (String word : words.split(",", -1)) {
            ofWord(word.strip()).ifPresent(features::add);
        }
        return features;
    }

    /** The words of these features, separated by commas. */
    public static String words(Set<Feature> features) {
        return features.stream().sorted().map(Feature::word).collect(Collectors.joining(","));
    }
}
