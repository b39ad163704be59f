package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetSocketAddress;

/** Something that listens here and dials there. One is made per scenario, started once and closed. */
public interface RelayUnderTest extends AutoCloseable {

    /** The heading of its column. */
    String name();

    /** What exactly was judged, as the relay itself says it. */
    default String version() {
        return "";
    }

    /** Returns once {@code listenPort} of 127.0.0.1 accepts connections; must not dial the target by itself. */
    void start(int listenPort, InetSocketAddress target) throws IOException, InterruptedException;

    /** False when there is no relay between, so that what only a relay can do is not asked of it. */
    default boolean isRelay() {
        return true;
    }

    /** Ends everything that {@link #start} began, open connections included. */
    @Override
    void close() throws IOException;
}
