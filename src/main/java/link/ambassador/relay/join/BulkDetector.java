package link.ambassador.relay.join;

/**
 * Whether one direction carries bulk now. Several large reads in a row begin bulk, and several small ones end it. For a
 * small message, a pipe costs two system calls more than it saves; a single read of the other kind means nothing.
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
    private int otherKindInARow;

    boolean isBulk() {
        return bulk;
    }

    /** One read brought this many bytes. */
    void read(int bytes) {
        boolean large = bytes >= LARGE_BYTES;
        otherKindInARow = large == bulk ? 0 : otherKindInARow + 1;
        if (otherKindInARow == IN_A_ROW) {
            bulk = large;
            otherKindInARow = 0;
        }
    }
}
