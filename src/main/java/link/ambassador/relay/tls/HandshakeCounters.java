package link.ambassador.relay.tls;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/** How the handshakes of one link ended. On the event loop only. */
public final class HandshakeCounters {
    /** The side of the link that a peer is on. */
    public enum Side {
        UPSTREAM,
        DOWNSTREAM;

        /** The value of the metric's label. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String OK = "ok";

    /** What one side has. */
    private static final class OfSide {
        private final Map<TlsFailure.Reason, Long> failed = new EnumMap<>(TlsFailure.Reason.class);
        private long done;
        private long nanos;
    }

    private final Map<Side, OfSide> sides = new EnumMap<>(Side.class);

    void done(Side side, long nanos) {
        OfSide of = of(side);
        of.done++;
        of.nanos += nanos;
    }

    void failed(Side side, TlsFailure.Reason reason) {
        of(side).failed.merge(reason, 1L, Long::sum);
    }

    private OfSide of(Side side) {
        return sides.computeIfAbsent(side, any -> new OfSide());
    }

    /** Handshakes by result, which is {@code ok} or the reason of the failure in lower case. */
    public void results(Side side, ObjLongConsumer<String> each) {
        OfSide of = sides.get(side);
        if (of != null) {
            each.accept(OK, of.done);
            of.failed.forEach((reason, count) -> each.accept(reason.name().toLowerCase(Locale.ROOT), count));
        }
    }

    /** How many were done. */
    public long done(Side side) {
        OfSide of = sides.get(side);
        return of == null ? 0 : of.done;
    }

    /** How long those took together. */
    public double seconds(Side side) {
        OfSide of = sides.get(side);
        return of == null ? 0 : of.nanos / 1e9;
    }

    /** A copy, which any thread may read. */
    public HandshakeCounters copy() {
        HandshakeCounters copy = new HandshakeCounters();
        sides.forEach((side, of) -> {
            OfSide copied = copy.of(side);
            copied.failed.putAll(of.failed);
            copied.done = of.done;
            copied.nanos = of.nanos;
        });
        return copy;
    }
}
