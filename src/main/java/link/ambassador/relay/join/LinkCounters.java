package link.ambassador.relay.join;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** The counters of one link. On the event loop only. */
public final class LinkCounters {
    private final Map<CloseReason, Long> closedByReason = new EnumMap<>(CloseReason.class);
    private long openedTotal;
    private int open;
    private long bytesToUpstream;
    private long bytesToDownstream;
    private long truncatedTotal;

    public void opened() {
        openedTotal++;
        open++;
    }

    /** A connection that was {@link #opened()} has ended, and its channels are closed. */
    public void closed(CloseReason reason) {
        open--;
        closedByReason.merge(reason, 1L, Long::sum);
    }

    /** A connection was reset right after it was accepted. It never counted as open. */
    public void refused(CloseReason reason) {
        closedByReason.merge(reason, 1L, Long::sum);
    }

    void truncated() {
        truncatedTotal++;
    }

    void moved(boolean fromUpstream, int bytes) {
        if (fromUpstream) {
            bytesToDownstream += bytes;
        } else {
            bytesToUpstream += bytes;
        }
    }

    /** A copy of the counters, which any thread may read. */
    public LinkCounters copy() {
        LinkCounters copy = new LinkCounters();
        copy.closedByReason.putAll(closedByReason);
        copy.openedTotal = openedTotal;
        copy.open = open;
        copy.bytesToUpstream = bytesToUpstream;
        copy.bytesToDownstream = bytesToDownstream;
        copy.truncatedTotal = truncatedTotal;
        return copy;
    }

    public long openedTotal() {
        return openedTotal;
    }

    public int open() {
        return open;
    }

    public long bytesToUpstream() {
        return bytesToUpstream;
    }

    public long bytesToDownstream() {
        return bytesToDownstream;
    }

    /** How many streams of TLS ended without their end. */
    public long truncatedTotal() {
        return truncatedTotal;
    }

    public Map<CloseReason, Long> closedByReason() {
        return Collections.unmodifiableMap(closedByReason);
    }
}
