package link.ambassador.config;

import java.util.Arrays;
import java.util.Optional;

/** A version of TLS that a relay speaks. */
public enum TlsVersion {
    /** RFC 5246. */
    TLS_1_2("1.2"),
    /** RFC 8446. */
    TLS_1_3("1.3");

    private final String word;

    TlsVersion(String word) {
        this.word = word;
    }

    /** What the table says. */
    public String word() {
        return word;
    }

    /** The version that a table calls so; empty if there is none. */
    public static Optional<TlsVersion> ofWord(String word) {
        return Arrays.stream(values()).filter(one -> one.word.equals(word)).findFirst();
    }
}
