package link.ambassador.model;

import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Trust;

/** The certificates of authorities in one ConfigMap. */
public sealed interface CaBundle {
    /** They were read. */
    record Known(Trust.Bundle bundle) implements CaBundle {}

    /**
     * There are none that a relay could trust.
     *
     * @param reason of the condition ResolvedRefs
     * @param sentence what is wrong, where, and what would be right
     */
    record Unusable(ConditionReason reason, String sentence) implements CaBundle {}

    /** The ConfigMap is being read for the first time. */
    record Pending() implements CaBundle {}
}
