package link.ambassador.relay;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.LinkTable;

/** What became of the tables that a relay was given; on the event loop. */
public final class TableStatus {
    /**
     * The table that is served.
     *
     * @param unknownFields paths of the fields that were ignored
     */
    public record Applied(LinkTable table, List<String> unknownFields, Instant at) {}

    /**
     * A table that was not applied.
     *
     * @param revision as far as it could be read
     * @param error a sentence: where it is wrong, what was found, what would be right
     */
    public record Rejected(Optional<String> revision, String error, Instant at) {}

    private Applied applied;
    private Rejected rejected;
    private String noTable;
    private long appliedTotal;
    private long rejectedTotal;

    void apply(LinkTable table, List<String> unknownFields) {
        applied = new Applied(table, unknownFields, Instant.now());
        rejected = null;
        noTable = null;
        appliedTotal++;
    }

    void reject(Optional<String> revision, String error) {
        rejected = new Rejected(revision, error, Instant.now());
        noTable = null;
        rejectedTotal++;
    }

    void noTable(String sentence) {
        rejected = null;
        noTable = sentence;
    }

    /** Empty before the first table. */
    public Optional<Applied> applied() {
        return Optional.ofNullable(applied);
    }

    /** What is wrong with the newest table; empty when that is the one that is served. */
    public Optional<Rejected> rejected() {
        return Optional.ofNullable(rejected);
    }

    /** Why the file is no table now; empty when it is one, good or bad. */
    public Optional<String> noTable() {
        return Optional.ofNullable(noTable);
    }

    /** Whether the newest table is the one that is served. */
    boolean isCurrent() {
        return applied != null && rejected == null && noTable == null;
    }

    long appliedTotal() {
        return appliedTotal;
    }

    long rejectedTotal() {
        return rejectedTotal;
    }
}
