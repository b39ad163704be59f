package link.ambassador.relay.tls;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many open connections a link has of each downstream that showed a certificate. Only {@value #MAX_NAMES} names are kept at once,
 * because downstreams choose them; the connections of all others are counted together. On the event loop.
 */
final class OpenByPeer {
    static final int MAX_NAMES = 20;

    private final Map<String, Integer> named = new LinkedHashMap<>();
    private int others;

    /** Counts a connection; run the result once when it ends. */
    Runnable opened(String name) {
        if (named.size() == MAX_NAMES && !named.containsKey(name)) {
            others++;
            return () -> others--;
        }
        named.merge(name, 1, Integer::sum);
        return () -> named.computeIfPresent(name, (any, open) -> open == 1 ? null : open - 1);
    }

    Map<String, Integer> named() {
        return named;
    }

    int others() {
        return others;
    }
}
