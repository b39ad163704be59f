package link.ambassador.relay.proxy;

import java.util.List;
import link.ambassador.config.Target;

/** A change of a link's targets. */
record Retarget(List<Target> from, List<Target> to) {

    /** Whether anything differs. */
    boolean isOne() {
        return !from.equals(to);
    }

    /**
     * Whether a connection to this target is affected (contract point 3): its target left the list, or stands
     * behind one that is new or was behind it.
     *
     * <p>A target that is in neither list was kept when it left: it is affected by whatever affects others, so not when
     * targets were only appended.
     */
    boolean affects(Target current) {
        int position = to.indexOf(current);
        if (position < 0) {
            return !isAppendOnly();
        }
        int before = from.indexOf(current);
        if (before < 0) {
            // It came back to the list that it had left.
            return false;
        }
        return to.subList(0, position).stream()
                .anyMatch(preferred -> !from.contains(preferred) || from.indexOf(preferred) > before);
    }

    private boolean isAppendOnly() {
        return to.size() >= from.size() && to.subList(0, from.size()).equals(from);
    }
}
