package link.ambassador.model;

import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.LinkTable;

/** What became of a spec on its way to a link table. */
public sealed interface TableOutcome {
    /**
     * It became one.
     *
     * @param table with its revision, and the Ambassador as its one source
     */
    record Table(LinkTable table) implements TableOutcome {}

    /**
     * It cannot become one: it was written for a newer version, came past the schema, or leads back to where it is served.
     *
     * @param reason of the condition Accepted
     * @param sentence what is wrong, where, and what would be right
     */
    record Refused(ConditionReason reason, String sentence) implements TableOutcome {
        /** It is not understood. */
        public Refused(String sentence) {
            this(ConditionReason.NOT_UNDERSTOOD, sentence);
        }
    }
}
