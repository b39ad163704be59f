package link.ambassador.webhook.serving;

import io.vertx.core.http.HttpConnection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Bounds the connections of a server. A new connection beyond the bound replaces the one that has had no request for longest, so that
 * nobody can shut out an API server by holding connections. Callable from any thread.
 */
final class OpenConnections {
    private final int most;
    private final Set<HttpConnection> idle = new LinkedHashSet<>();
    private final Set<HttpConnection> busy = new LinkedHashSet<>();

    OpenConnections(int most) {
        this.most = most;
    }

    void opened(HttpConnection connection) {
        connection.closeHandler(closed -> gone(connection));
        // The close handler deals with it.
        connection.exceptionHandler(broken -> {});
        add(connection).ifPresent(HttpConnection::close);
    }

    /** @return the connection that it replaces */
    private synchronized Optional<HttpConnection> add(HttpConnection connection) {
        idle.add(connection);
        if (idle.size() + busy.size() <= most) {
            return Optional.empty();
        }
        Iterator<HttpConnection> eldest = (idle.size() > 1 ? idle : busy).iterator();
        HttpConnection closed = eldest.next();
        eldest.remove();
        return Optional.of(closed);
    }

    /** False when the connection still waits for an answer: no API server sends another request before it has one. */
    synchronized boolean requested(HttpConnection connection) {
        return idle.remove(connection) && busy.add(connection);
    }

    synchronized void answered(HttpConnection connection) {
        if (busy.remove(connection)) {
            idle.add(connection);
        }
    }

    private synchronized void gone(HttpConnection connection) {
        idle.remove(connection);
        busy.remove(connection);
    }
}
