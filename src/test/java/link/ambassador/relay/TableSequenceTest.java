package link.ambassador.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.relay.proxy.ActiveLink;
import link.ambassador.relay.proxy.TableDiff;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** Any sequence of tables ends in the state of its last table alone. */
class TableSequenceTest {
    private static final List<Integer> PORTS =
            List.of(LoopbackPort.free(), LoopbackPort.free(), LoopbackPort.free(), LoopbackPort.free());

    @Property(tries = 500)
    void aDiffAppliedToTheOldTableGivesTheNewTable(
            @ForAll("tables") LinkTable before, @ForAll("tables") LinkTable after) {
        TableDiff change = TableDiff.between(before.links(), after.links());
        Map<Integer, Link> links = byPort(before.links());
        assertThat(change.removed())
                .allSatisfy(link -> assertThat(links.remove(link.listen())).isEqualTo(link));
        assertThat(change.opened())
                .allSatisfy(link -> assertThat(links.put(link.listen(), link)).isNull());
        assertThat(change.changed())
                .allSatisfy(link ->
                        assertThat(links.put(link.listen(), link)).isNotNull().isNotEqualTo(link));
        assertThat(links).isEqualTo(byPort(after.links()));
    }

    @Property(tries = 30)
    void aRelayServesTheLastOfItsTables(@ForAll("sequences") @Size(min = 1, max = 6) List<LinkTable> tables)
            throws Exception {
        LinkTable last = tables.get(tables.size() - 1);
        try (Relay relay = WatchedRelay.start(Settings.read(Map.of("AMBASSADOR_LISTEN_HOST", "127.0.0.1")))) {
            tables.subList(0, tables.size() - 1).forEach(relay::apply);
            TestRelay.await(relay.apply(last));
            Map<Integer, Link> served = TestRelay.await(relay.inspect(() -> {
                assertThat(relay.links()).allMatch(ActiveLink::isListening);
                return byPort(relay.links().stream().map(ActiveLink::link).toList());
            }));
            assertThat(served).isEqualTo(byPort(last.links()));
            for (int port : PORTS) {
                assertThat(listens(port)).as("port %s listens", port).isEqualTo(served.containsKey(port));
            }
        }
    }

    /** Each target refuses, so that every accepted connection is reset. */
    private static boolean listens(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.getInputStream().read() >= 0;
        } catch (ConnectException refused) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static Map<Integer, Link> byPort(List<Link> links) {
        Map<Integer, Link> byPort = new TreeMap<>();
        links.forEach(link -> byPort.put(link.listen(), link));
        return byPort;
    }

    @Provide
    Arbitrary<List<LinkTable>> sequences() {
        return tables().list();
    }

    @Provide
    Arbitrary<LinkTable> tables() {
        Arbitrary<List<Target>> targets = Arbitraries.of(1, 2, 3)
                .map(port -> new Target("127.0.0.1", port))
                .list()
                .ofMinSize(1)
                .ofMaxSize(3);
        Arbitrary<Link> link = Combinators.combine(
                        Arbitraries.of(PORTS),
                        targets,
                        Arbitraries.of(ExistingConnections.class),
                        Arbitraries.integers().between(1, 3))
                .as((port, to, policy, number) -> Link.builder("link" + number, port, to)
                        .connectTimeout(Duration.ofSeconds(number))
                        .halfCloseTimeout(Duration.ofSeconds(number))
                        .maxConnections(OptionalInt.of(number))
                        .existingConnections(policy)
                        .drainTimeout(Duration.ofSeconds(number))
                        .build());
        return link.list().ofMaxSize(4).uniqueElements(Link::listen).map(LinkTable::of);
    }
}
