package link.ambassador.relay.join;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** What went through one link; counted on the event loop only, so plain fields. */
public final class LinkCounters {
    private final Map<CloseReason, Long> closed = new EnumMap<>(CloseReason.class);
    private long opened;
    private int open;
    private long bytesToUpstream;
    private long bytesToDownstream;

    public void opened() {
        opened++;
        open++;
    }

    /** A connection that was {@link #opened()} is over, with every channel of it closed. */
    public void closed(CloseReason reason) {
        open--;
        closed.merge(reason, 1L, Long::sum);
    }

    /** A connection was reset right after it was accepted; it never counted as open. */
    public void refused(CloseReason reason) {
        closed.merge(reason, 1L, Long::sum);
    }

    void moved(boolean fromUpstream, int bytes) {
        if (fromUpstream) {
            bytesToDownstream += bytes;
        } else {
            bytesToUpstream += bytes;
        }
    }

    public long openedTotal() {
        return opened;
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

    public Map<CloseReason, Long> closedByReason() {
        return Collections.unmodifiableMap(closed);
    }
}
