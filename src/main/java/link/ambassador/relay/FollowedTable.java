package link.ambassador.relay;

import java.util.Optional;
import java.util.logging.Logger;
import link.ambassador.link.LinkTable;
import link.ambassador.link.TableReading;

/** Hands what a table's file says to the relay, and says it in the log; on the file's thread. */
record FollowedTable(Relay relay) implements TableFile.Listener {
    private static final Logger LOG = Logger.getLogger(FollowedTable.class.getName());

    @Override
    public void accepted(TableReading.Accepted accepted) {
        relay.apply(accepted.table(), accepted.unknownFields());
        LinkTable table = accepted.table();
        LOG.info(() -> "applied the link table"
                + table.revision().map(revision -> " of revision " + revision).orElse("") + ", links: "
                + table.links().size());
        if (!accepted.unknownFields().isEmpty()) {
            LOG.info(() ->
                    "ignored unknown fields: " + String.join(", ", accepted.unknownFields()));
        }
    }

    @Override
    public void rejected(TableReading.Rejected rejected, Optional<String> revision) {
        relay.reject(revision, rejected.sentence());
        LOG.warning(() -> "rejected the link table, keeping the previous one: " + rejected.sentence());
    }

    @Override
    public void noTable(String why) {
        relay.noTable(why);
        LOG.info(() -> "no link table, keeping the previous one: " + why);
    }
}
