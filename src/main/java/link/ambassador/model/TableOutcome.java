package link.ambassador.model;

import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.LinkTable;

/** The link table of a spec, or why there is none. */
public sealed interface TableOutcome {
    /**
     * The spec's table.
     *
     * @param table with its revision, and the Ambassador as its one source
     */
    record Table(LinkTable table) implements TableOutcome {}

    /**
     * Why the spec has no table: it was written for a newer version, bypassed the schema, or leads back to its own relays.
     *
     * @param reason of the condition Accepted
     * @param sentence what is wrong, where, and what would be right
     */
    record Refused(ConditionReason reason, String sentence) implements TableOutcome {
        /** This version does not understand the spec. */
        public Refused(String sentence) {
            this(ConditionReason.NOT_UNDERSTOOD, sentence);
        }
    }
}
