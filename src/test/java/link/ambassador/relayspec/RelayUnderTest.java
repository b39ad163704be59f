package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetSocketAddress;

/** A relay to test. Each scenario makes one, starts it once and closes it. */
public interface RelayUnderTest extends AutoCloseable {

    /** The heading of its column. */
    String name();

    /** The version of the relay, as the relay prints it. */
    default String version() {
        return "";
    }

    /** Returns once {@code listenPort} of 127.0.0.1 accepts connections; must not dial the target by itself. */
    void start(int listenPort, InetSocketAddress target) throws IOException, InterruptedException;

    /** False if there is no relay, so that facts about relays are skipped. */
    default boolean isRelay() {
        return true;
    }

    /** Ends everything that {@link #start} began, including open connections. */
    @Override
    void close() throws IOException;
}
