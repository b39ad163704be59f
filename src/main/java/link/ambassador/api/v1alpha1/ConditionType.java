package link.ambassador.api.v1alpha1;

/** What a condition of an Ambassador is about. */
public enum ConditionType {
    /** The resource makes sense in this cluster. */
    ACCEPTED("Accepted"),
    /** Its relays exist and listen. */
    READY("Ready"),
    /** Every running relay acknowledged the revision. Latched: once True, only another revision makes it anything else. */
    CONVERGED("Converged"),
    /** What the real connects of a few relays told; nobody is probed. */
    TARGET_REACHABLE("TargetReachable"),
    /** Every relay holds what the spec holds, and no connection to a target is left. */
    HELD("Held"),
    /** The ConfigMaps and certificates that the spec names are usable. Only on an Ambassador whose links name some. */
    RESOLVED_REFS("ResolvedRefs");

    private final String word;

    ConditionType(String word) {
        this.word = word;
    }

    /** The {@code type} of the condition. */
    public String word() {
        return word;
    }
}
