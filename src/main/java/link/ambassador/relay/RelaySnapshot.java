package link.ambassador.relay;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import link.ambassador.relay.join.PipePool;
import link.ambassador.relay.proxy.ActiveLink;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relay.tls.CertificateState;

/**
 * The state of a relay at one moment, for the documents of the admin port. To take it on the event loop is quick even
 * with thousands of links; to write a document is not, so that happens on another thread.
 *
 * @param heldBytes what is held for peers that do not read, of {@link Settings#byteBudget}
 * @param leaving links that left the table and still have connections
 */
public record RelaySnapshot(
        Settings settings,
        String transport,
        RelayClock clock,
        boolean isStarted,
        boolean isReady,
        TableStatus table,
        long heldBytes,
        PipePool.Usage pipes,
        long acceptFailures,
        List<LinkSnapshot> links,
        List<LinkSnapshot> leaving,
        List<CertificateState> certificates) {

    /** On the event loop. */
    public static RelaySnapshot of(Relay relay) {
        return new RelaySnapshot(
                relay.settings(),
                relay.transportName(),
                relay.clock(),
                relay.isStarted(),
                relay.isReady(),
                relay.tableStatus(),
                relay.heldBytes(),
                relay.pipes().usage(),
                relay.acceptFailures(),
                links(relay.links()),
                links(relay.leaving()),
                relay.tls() == null ? List.of() : relay.tls().certificates());
    }

    private static List<LinkSnapshot> links(Collection<ActiveLink> links) {
        return links.stream().map(LinkSnapshot::of).toList();
    }

    /** The links of the table and those that are leaving. */
    public Stream<LinkSnapshot> everyLink() {
        return Stream.concat(links.stream(), leaving.stream());
    }
}
