package link.ambassador.relay.proxyprotocol;

/**
 * The fields of a header of version 2 that the relay knows (section 2.2). In the order in which they get room: those at the end are
 * left out first.
 */
public enum TlvType {
    /** PP2_TYPE_UNIQUE_ID: which connection this is, for everybody on its way. */
    UNIQUE_ID(0x05),

    /** Of those for custom use: namespace and name of the consumer's pod, with {@code /} between them. */
    POD_IDENTITY(0xE0),

    /** PP2_TYPE_SSL: the TLS that the consumer speaks. */
    TLS(0x20),

    /** PP2_TYPE_AUTHORITY: the name that the consumer asked for, by SNI. */
    AUTHORITY(0x02);

    /** The specification allows no longer one. */
    static final int MAX_UNIQUE_ID_BYTES = 128;

    private final int number;

    TlvType(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** The type of this number; null for one that the relay skips. */
    static TlvType of(int number) {
        for (TlvType type : values()) {
            if (type.number == number) {
                return type;
            }
        }
        return null;
    }
}
