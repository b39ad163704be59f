package link.ambassador.relay.proxy;

import java.util.List;
import link.ambassador.config.Target;

/** A change of a link's targets. */
record Retarget(List<Target> from, List<Target> to) {
    boolean isChange() {
        return !from.equals(to);
    }

    /**
     * Whether a connection to this target is affected (contract point 3): its target left the list, or now comes after
     * a target that is new or came after it before.
     *
     * <p>A target in neither list belongs to a connection that an earlier change kept. Every change affects it, except
     * one that only appends targets.
     */
    boolean affects(Target current) {
        int position = to.indexOf(current);
        if (position < 0) {
            return !isAppendOnly();
        }
        int before = from.indexOf(current);
        if (before < 0) {
            // The target had left the list and is back.
            return false;
        }
        return to.subList(0, position).stream()
                .anyMatch(preferred -> !from.contains(preferred) || from.indexOf(preferred) > before);
    }

    private boolean isAppendOnly() {
        return to.size() >= from.size() && to.subList(0, from.size()).equals(from);
    }
}
