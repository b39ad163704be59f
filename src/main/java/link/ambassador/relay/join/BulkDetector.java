package link.ambassador.relay.join;

/**
 * Whether one direction carries bulk now. Large reads in a row make it so, and small ones in a row end it: a pipe costs two
 * system calls more than it saves for a small message, and a single one of the other kind means nothing.
 *
 * <pre>
 *            3 reads of 16 KiB or more in a row
 *   SMALL ─────────────────────────────────────► BULK
 *         ◄─────────────────────────────────────
 *            3 reads below 16 KiB in a row
 * </pre>
 */
final class BulkDetector {
    static final int LARGE_BYTES = 16 * 1024;
    static final int IN_A_ROW = 3;

    private boolean bulk;
    private int contrary;

    boolean isBulk() {
        return bulk;
    }

    /** So many bytes were read at once. */
    void read(int bytes) {
        boolean large = bytes >= LARGE_BYTES;
        contrary = large == bulk ? 0 : contrary + 1;
        if (contrary == IN_A_ROW) {
            bulk = large;
            contrary = 0;
        }
    }
}
