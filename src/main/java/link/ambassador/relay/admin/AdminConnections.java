package link.ambassador.relay.admin;

import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The few connections to the admin port. A new one always has a place, because it may be the kubelet's probe: when all are
 * taken, the one that has been idle longest is ended, of the remote address that has most of them. So neither a checker that
 * connects and says nothing nor a neighbour that holds what it gets keeps a probe from its answer. On the event loop.
 */
final class AdminConnections {
    /** More than the loop mostly accepts at a time: who asks at once is answered in the turn after it was accepted. */
    static final int MOST = 64;

    private record Place(String remoteAddress, boolean isAsked) {}

    /** Who did something last is last. */
    private final Map<HttpConnection, Place> places = new LinkedHashMap<>();

    void opened(HttpConnection connection) {
        connection.closeHandler(closed -> places.remove(connection));
        places.put(connection, new Place(connection.remoteAddress().hostAddress(), false));
        if (places.size() > MOST) {
            HttpConnection ended = idleLongest();
            places.remove(ended);
            ended.close();
        }
    }

    /** Whether the connection may be answered: it has its place, and this is the first that it asks. */
    boolean asked(HttpConnection connection) {
        Place place = places.remove(connection);
        if (place == null) {
            return false;
        }
        places.put(connection, new Place(place.remoteAddress, true));
        return !place.isAsked;
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
