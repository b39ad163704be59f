package link.ambassador.model;

/**
 * A port of a Service.
 *
 * @param protocol TCP, UDP or SCTP
 */
public record ExposedPort(int port, String protocol) implements Comparable<ExposedPort> {
    public static final String TCP = "TCP";

    boolean isTcp() {
        return protocol.equals(TCP);
    }

    @Override
    public int compareTo(ExposedPort other) {
        return port == other.port ? protocol.compareTo(other.protocol) : Integer.compare(port, other.port);
    }

    /** {@code 6379}, and {@code 53/UDP}. */
    @Override
    public String toString() {
        return isTcp() ? "" + port : port + "/" + protocol;
    }
}
