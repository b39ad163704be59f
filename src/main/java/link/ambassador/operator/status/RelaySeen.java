package link.ambassador.operator.status;

import link.ambassador.operator.delivery.Known;
import link.ambassador.operator.delivery.Known.Standing;
import link.ambassador.operator.delivery.RelayPod;

/** One relay as a reconcile found it. */
public record RelaySeen(RelayPod pod, Known known) {

    boolean counts() {
        return pod.counts();
    }

    boolean is(Standing standing) {
        return known.standing() == standing;
    }

    /** Whether it runs another version of the relay than {@code version}; false when it did not say. */
    boolean isOtherThan(String version) {
        return known.answer()
                .filter(answer ->
                        !answer.version().isEmpty() && !answer.version().equals(version))
                .isPresent();
    }
}
