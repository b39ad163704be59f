package link.ambassador.relay.join;

/**
 * When bytes go from socket to socket through a pipe of the kernel (splice(2)) and not through a buffer of the relay.
 */
public enum SpliceMode {
    /** While a direction carries bulk, see {@link BulkDetector}. */
    AUTO,
    /** Always, as far as there are pipes. */
    ALWAYS,
    NEVER
}
