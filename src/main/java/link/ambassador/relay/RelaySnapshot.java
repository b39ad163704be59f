package link.ambassador.relay;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import link.ambassador.relay.proxy.ActiveLink;
import link.ambassador.relay.proxy.LinkSnapshot;

/**
 * What there is to tell of a relay, as it was at one moment. It is taken on the event loop, which is quick also of thousands of
 * links; documents are made of it elsewhere, which is not.
 *
 * @param leaving links that are gone from the table and have connections still
 * @param timeOf the time of a {@link System#nanoTime}
 */
public record RelaySnapshot(
        Settings settings,
        String transport,
        Instant startedAt,
        boolean isStarted,
        boolean isReady,
        Optional<TableStatus.Applied> applied,
        Optional<TableStatus.Rejected> rejected,
        Optional<String> noTable,
        boolean isCurrent,
        long appliedTotal,
        long rejectedTotal,
        long heldBytes,
        long limitBytes,
        int pipesOpen,
        long pipePoolExhaustedTotal,
        long splicedBytes,
        long acceptFailures,
        List<LinkSnapshot> links,
        List<LinkSnapshot> leaving,
        LongFunction<Instant> timeOf) {

    /** On the event loop. */
    public static RelaySnapshot of(Relay relay) {
        TableStatus acknowledgement = relay.acknowledgement();
        return new RelaySnapshot(
                relay.settings(),
                relay.transportName(),
                relay.startedAt(),
                relay.isStarted(),
                relay.isReady(),
                acknowledgement.applied(),
                acknowledgement.rejected(),
                acknowledgement.noTable(),
                acknowledgement.isCurrent(),
                acknowledgement.appliedTotal(),
                acknowledgement.rejectedTotal(),
                relay.budget().heldBytes(),
                relay.budget().limitBytes(),
                relay.pipes().open(),
                relay.pipes().exhaustedTotal(),
                relay.pipes().splicedBytes(),
                relay.acceptFailures(),
                links(relay.links()),
                links(relay.leaving()),
                relay::timeOf);
    }

    private static List<LinkSnapshot> links(Collection<ActiveLink> links) {
        return links.stream().map(LinkSnapshot::of).toList();
    }

    /** Those of the table and those that are leaving it. */
    public Stream<LinkSnapshot> everyLink() {
        return Stream.concat(links.stream(), leaving.stream());
    }
}
