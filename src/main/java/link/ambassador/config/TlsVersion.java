package link.ambassador.config;

/** A version of TLS that a relay speaks. */
public enum TlsVersion implements Word {
    /** RFC 5246. */
    TLS_1_2("1.2"),
    /** RFC 8446. */
    TLS_1_3("1.3");

    private final String word;

    TlsVersion(String word) {
        this.word = word;
    }

    @Override
    public String word() {
        return word;
    }
}
