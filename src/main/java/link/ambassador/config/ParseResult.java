package link.ambassador.config;

import java.util.List;

/** What a document turned out to be when it was read as a link table. */
public sealed interface ParseResult {
    /**
     * A table.
     *
     * @param table what it says, with defaults for what it leaves out
     * @param unknownFields the paths of fields that were ignored, in the order of the document, as in
     *     {@code links[0].color}; after {@value LinkTableReader#MOST_UNKNOWN} of them the rest is left out
     */
    record Accepted(LinkTable table, List<String> unknownFields) implements ParseResult {
        public Accepted {
            unknownFields = List.copyOf(unknownFields);
        }
    }

    /**
     * No table that may be applied. Only the first thing that is wrong is said. All texts are short and printable.
     *
     * @param path where in the document, as in {@code links[2].targets[0].port}; empty for the document as a whole
     * @param found what stands there
     * @param wanted what would be right
     */
    record Rejected(String path, String found, String wanted) implements ParseResult {
        /** All three as one line for a log or a status. */
        public String sentence() {
            return (path.isEmpty() ? "The link table" : path) + ": found " + found + "; it must be " + wanted;
        }
    }

    /** An empty document, or one of white space only: nobody has written a table yet, or it was just truncated. */
    record NoTable() implements ParseResult {}
}
