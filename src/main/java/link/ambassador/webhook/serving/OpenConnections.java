package link.ambassador.webhook.serving;

import io.vertx.core.http.HttpConnection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The connections of a server, so many at most. One more takes the place of the one that has been without a question for
 * longest, so that nobody who holds connections keeps an API server out. Callable from any thread.
 */
final class OpenConnections {
    private final int most;
    private final Set<HttpConnection> idle = new LinkedHashSet<>();
    private final Set<HttpConnection> asking = new LinkedHashSet<>();

    OpenConnections(int most) {
        this.most = most;
    }

    void opened(HttpConnection connection) {
        connection.closeHandler(closed -> gone(connection));
        // One that breaks is one that is gone.
        connection.exceptionHandler(broken -> {});
        room(connection).ifPresent(HttpConnection::close);
    }

    /** @return the one whose place it takes */
    private synchronized Optional<HttpConnection> room(HttpConnection connection) {
        idle.add(connection);
        if (idle.size() + asking.size() <= most) {
            return Optional.empty();
        }
        Iterator<HttpConnection> eldest = (idle.size() > 1 ? idle : asking).iterator();
        HttpConnection closed = eldest.next();
        eldest.remove();
        return Optional.of(closed);
    }

    /** False when its last answer is not on its way yet: no API server asks before it has one. */
    synchronized boolean asks(HttpConnection connection) {
        return idle.remove(connection) && asking.add(connection);
    }

    synchronized void isAnswered(HttpConnection connection) {
        if (asking.remove(connection)) {
            idle.add(connection);
        }
    }

    private synchronized void gone(HttpConnection connection) {
        idle.remove(connection);
        asking.remove(connection);
    }
}
