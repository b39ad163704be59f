package link.ambassador.model;

import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;

/** The link table of a spec, or why there is none. */
public sealed interface TableOutcome {
    /**
     * The spec's table.
     *
     * @param table with its revision, and the Ambassador as its one source
     * @param unresolved the links of the spec that are not in the table
     * @param credentials the Secrets that the links of the spec name, in order
     * @param preflight what relays have to agree to before they serve the table; empty: nothing
     */
    record Table(
            LinkTable table,
            List<UnresolvedLink> unresolved,
            List<String> credentials,
            Optional<AllPreflight> preflight)
            implements TableOutcome {
        public Table {
            unresolved = List.copyOf(unresolved);
            credentials = List.copyOf(credentials);
        }

        /** A table of links without TLS. */
        public Table(LinkTable table) {
            this(table, List.of(), List.of(), Optional.empty());
        }

        /**
         * The table to serve next, on the way to {@code wanted}.
         *
         * @param served the table that the relays have; empty while they have none
         * @param wanted this table, with its unresolved links if they can be served
         * @param reached whether enough relays reach the candidates of a table
         */
        public LinkTable next(
                Optional<LinkTable> served, LinkTable wanted, BiPredicate<AllPreflight, LinkTable> reached) {
            return served.flatMap(has ->
                            preflight.map(all -> all.next(has, wanted, candidates -> reached.test(all, candidates))))
                    .orElse(wanted);
        }

        /**
         * The table with its unresolved links as they are in {@code current}, if they are there, behind the others. The same
         * table when it has all its links.
         */
        public LinkTable withLastGood(Optional<LinkTable> current) {
            List<Link> kept = unresolved.stream()
                    .flatMap(link -> link.in(current).stream())
                    .toList();
            if (kept.isEmpty()) {
                return table;
            }
            PodTrust trust = PodTrust.of(table.links());
            List<Link> links = Stream.concat(
                            table.links().stream(), kept.stream().filter(trust::add))
                    .toList();
            return new LinkTable(Optional.of(DesiredTable.revision(links)), table.sources(), links);
        }

        /** Whether a ConfigMap is being read for the first time, so that soon more is known. */
        public boolean isPending() {
            return unresolved.stream().anyMatch(UnresolvedLink::pending);
        }
    }

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
