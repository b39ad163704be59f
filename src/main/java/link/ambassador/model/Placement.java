package link.ambassador.model;

import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.PlacementSpec;

/** Where the relays of an Ambassador run. */
public enum Placement {
    GATEWAY("gateway"),
    SIDECAR("sidecar");

    private final String word;

    Placement(String word) {
        this.word = word;
    }

    /**
     * The placement of an Ambassador: a gateway unless it asks for sidecars. The schema has no default, because then a later
     * {@code sidecar} would fail as a second placement.
     */
    public static Placement of(Ambassador ambassador) {
        PlacementSpec placement = ambassador.getSpec().placement();
        return placement != null && placement.sidecar() != null ? SIDECAR : GATEWAY;
    }

    /** The word in the column PLACEMENT. */
    public String word() {
        return word;
    }
}
