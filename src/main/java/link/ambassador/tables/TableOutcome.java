package link.ambassador.tables;

import link.ambassador.link.LinkTable;

/** What became of a spec on its way to a link table. */
public sealed interface TableOutcome {
    /**
     * It became one.
     *
     * @param table with its revision, and the Ambassador as its one source
     */
    record Table(LinkTable table) implements TableOutcome {}

    /**
     * It cannot become one: it was written for a newer version, or came past the schema.
     *
     * @param sentence what is wrong, where, and what would be right
     */
    record Refused(String sentence) implements TableOutcome {}
}
