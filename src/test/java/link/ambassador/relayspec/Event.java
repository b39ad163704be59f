package link.ambassador.relayspec;

import java.util.Locale;

/** The result of one read of a socket. */
record Event(Kind kind, int length) {

    enum Kind {
        BYTES,
        FIN,
        RESET,
        NOTHING;

        String words() {
            return switch (this) {
                case FIN -> "a clean end (FIN)";
                case RESET -> "a reset (RST)";
                default -> name().toLowerCase(Locale.ROOT);
            };
        }
    }

    static final Event FIN = new Event(Kind.FIN, 0);
    static final Event RESET = new Event(Kind.RESET, 0);
    static final Event NOTHING = new Event(Kind.NOTHING, 0);

    static Event bytes(int length) {
        return new Event(Kind.BYTES, length);
    }

    @Override
    public String toString() {
        return kind == Kind.BYTES ? length + " bytes" : kind.words();
    }
}
