package link.ambassador.relay.table;

import java.util.Optional;
import java.util.logging.Logger;
import link.ambassador.config.LinkTable;
import link.ambassador.config.ParseResult;
import link.ambassador.relay.Relay;

/**
 * Hands the content of the table's file to the relay, and logs it. On the file's thread.
 *
 * @param podName by which some links of a table may be for this relay alone; empty outside of a pod
 * @param applied called on the event loop each time a table was applied and its listeners were tried
 */
public record TableApplier(Relay relay, Optional<String> podName, Runnable applied)
        implements TableFileWatcher.Listener {
    private static final Logger LOG = Logger.getLogger(TableApplier.class.getName());

    @Override
    public void accepted(ParseResult.Accepted accepted) {
        LinkTable table = accepted.table().forPod(podName);
        relay.apply(table, accepted.unknownFields()).onSuccess(tried -> applied.run());
        LOG.info(() -> "applied the link table"
                + table.revision().map(revision -> " of revision " + revision).orElse("") + ", links: "
                + table.links().size());
        if (!accepted.unknownFields().isEmpty()) {
            LOG.info(() -> "ignored unknown fields: " + String.join(", ", accepted.unknownFields()));
        }
    }

    @Override
    public void rejected(ParseResult.Rejected rejected, Optional<String> revision) {
        relay.reject(revision, rejected.sentence());
        LOG.warning(() -> "rejected the link table, keeping the previous one: " + rejected.sentence());
    }

    @Override
    public void noTable(String why) {
        relay.noTable(why);
        LOG.info(() -> "no link table, keeping the previous one: " + why);
    }
}
