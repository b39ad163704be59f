package link.ambassador.config;

import java.util.List;

/** The result of parsing a document as a link table. */
public sealed interface ParseResult {
    /**
     * A table.
     *
     * @param table with defaults for what the document leaves out
     * @param unknownFields the paths of ignored fields, such as {@code links[0].color}, in the order of the document;
     *     at most {@value LinkTableReader#MAX_UNKNOWN}
     */
    record Accepted(LinkTable table, List<String> unknownFields) implements ParseResult {
        public Accepted {
            unknownFields = List.copyOf(unknownFields);
        }
    }

    /**
     * A bad table, which must not be applied. It has only the first problem. All texts are short and printable.
     *
     * @param path the place in the document, such as {@code links[2].targets[0].port}; empty for the document as a
     *     whole
     * @param found what is there
     * @param wanted what would be right
     */
    record Rejected(String path, String found, String wanted) implements ParseResult {
        /** All three as one line for a log or a status. */
        public String sentence() {
            return (path.isEmpty() ? "The link table" : path) + ": found " + found + "; it must be " + wanted;
        }
    }

    /** An empty document, or only white space: no table was written yet, or the file was just truncated. */
    record NoTable() implements ParseResult {}
}
