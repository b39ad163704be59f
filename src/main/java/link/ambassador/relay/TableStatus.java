package link.ambassador.relay;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.LinkTable;

/**
 * What became of the tables that a relay was given. Immutable.
 *
 * @param applied the table that is served; empty before the first
 * @param rejected what is wrong with the newest table; empty if that one is served
 * @param noTable why the file is no table now; empty if it is one, good or bad
 */
public record TableStatus(
        Optional<Applied> applied,
        Optional<Rejected> rejected,
        Optional<String> noTable,
        long appliedTotal,
        long rejectedTotal) {
    /**
     * The table that is served.
     *
     * @param unknownFields paths of the fields that were ignored
     */
    public record Applied(LinkTable table, List<String> unknownFields, Instant at) {}

    /**
     * A table that was not applied.
     *
     * @param revision empty if it could not be read
     * @param error a sentence: where it is wrong, what was found, what would be right
     */
    public record Rejected(Optional<String> revision, String error, Instant at) {}

    static final TableStatus NONE = new TableStatus(Optional.empty(), Optional.empty(), Optional.empty(), 0, 0);

    TableStatus withApplied(LinkTable table, List<String> unknownFields) {
        return new TableStatus(
                Optional.of(new Applied(table, unknownFields, Instant.now())),
                Optional.empty(),
                Optional.empty(),
                appliedTotal + 1,
                rejectedTotal);
    }

    TableStatus withRejected(Optional<String> revision, String error) {
        return new TableStatus(
                applied,
                Optional.of(new Rejected(revision, error, Instant.now())),
                Optional.empty(),
                appliedTotal,
                rejectedTotal + 1);
    }

    TableStatus withoutTable(String sentence) {
        return new TableStatus(applied, Optional.empty(), Optional.of(sentence), appliedTotal, rejectedTotal);
    }

    /** Whether the newest table is the one that is served. */
    public boolean isCurrent() {
        return applied.isPresent() && rejected.isEmpty() && noTable.isEmpty();
    }
}
