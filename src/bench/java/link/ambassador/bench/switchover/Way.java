package link.ambassador.bench.switchover;

import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * How consumers reach the database, and what its operator does there around a switchover:
 *
 * <pre>
 *   hold()  →  the primary stops  →  the standby is promoted  →  move()
 * </pre>
 */
interface Way extends AutoCloseable {
    /** What consumers connect to, as libpq wants it. */
    String connection();

    /** Returns when no transaction runs and new ones wait; does nothing if this way cannot hold. */
    void hold() throws Exception;

    /** Leads consumers to the new primary, and lets those go that wait. */
    void move(InetSocketAddress primary) throws Exception;

    @Override
    void close() throws IOException;

    static String connectionTo(int port) {
        return "postgresql://" + Commands.USER + "@127.0.0.1:" + port + "/postgres";
    }
}
