package link.ambassador.relay.admin;

import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The few connections to the admin port. A new one always gets a place, because it may be the kubelet's probe. If all
 * places are taken, it replaces the one that has been idle longest, of the remote address with the most connections. So
 * neither a checker that connects and sends nothing nor a neighbour that keeps its connections can block a probe. On
 * the event loop.
 */
final class AdminConnections {
    /**
     * More than the loop usually accepts in one turn, so that a client that sends at once is answered in the next turn.
     */
    static final int MAX = 64;

    private record Place(String remoteAddress, boolean hasRequest) {}

    /** In the order of their last activity. */
    private final Map<HttpConnection, Place> places = new LinkedHashMap<>();

    void opened(HttpConnection connection) {
        connection.closeHandler(closed -> places.remove(connection));
        places.put(connection, new Place(connection.remoteAddress().hostAddress(), false));
        if (places.size() > MAX) {
            HttpConnection ended = idleLongest();
            places.remove(ended);
            ended.close();
        }
    }

    /** Whether the connection may be answered: it has a place, and this is its first request. */
    boolean requested(HttpConnection connection) {
        Place place = places.remove(connection);
        if (place == null) {
            return false;
        }
        places.put(connection, new Place(place.remoteAddress, true));
        return !place.hasRequest;
    }

    private HttpConnection idleLongest() {
        Map<String, Integer> placesOf = new HashMap<>();
        places.values().forEach(place -> placesOf.merge(place.remoteAddress, 1, Integer::sum));
        int most = placesOf.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
        return places.entrySet().stream()
                .filter(place -> placesOf.get(place.getValue().remoteAddress) == most)
                .findFirst()
                .orElseThrow()
                .getKey();
    }
}
