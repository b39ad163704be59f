package link.ambassador.relay;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import link.ambassador.config.ExistingConnections;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.relay.admin.LinksDocument;
import link.ambassador.relay.admin.MetricsDocument;
import link.ambassador.relay.dial.DialResult;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.proxy.ActiveLink;
import link.ambassador.relay.proxy.LinkListener;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relayspec.Wire;

/** A relay with one link in the test's process, and the wire with its peers. */
public final class TestRelay implements AutoCloseable {
    final Relay relay;
    final InetSocketAddress address;
    final InetSocketAddress target;
    final Wire wire;

    private TestRelay(Relay relay, InetSocketAddress address, InetSocketAddress target) {
        this.relay = relay;
        this.address = address;
        this.target = target;
        this.wire = new Wire(address, target);
    }

    static TestRelay start() {
        return start(Map.of(), link -> link);
    }

    /** @param shape changes the link, which has all defaults */
    static TestRelay start(Map<String, String> variables, UnaryOperator<Link> shape) {
        InetSocketAddress address = freeAddress();
        return start(variables, address, freeAddress(), shape);
    }

    static TestRelay start(
            Map<String, String> variables,
            InetSocketAddress address,
            InetSocketAddress target,
            UnaryOperator<Link> shape) {
        Map<String, String> environment = new HashMap<>(variables);
        environment.put("AMBASSADOR_LISTEN_HOST", "127.0.0.1");
        Relay relay = WatchedRelay.start(Settings.read(environment));
        await(relay.apply(
                LinkTable.of(List.of(shape.apply(Link.of("up", address.getPort(), List.of(target(target))))))));
        return new TestRelay(relay, address, target);
    }

    public static InetSocketAddress freeAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), LoopbackPort.free());
    }

    public static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    /** Applies a table of these links. */
    void apply(Link... links) {
        await(relay.apply(LinkTable.of(List.of(links))));
    }

    /** The link of this relay, with these targets. */
    Link link(ExistingConnections policy, Duration drainTimeout, InetSocketAddress... targets) {
        return link(address.getPort(), policy, drainTimeout, targets);
    }

    static Link link(int listen, ExistingConnections policy, Duration drainTimeout, InetSocketAddress... targets) {
        return Link.builder(
                        "up",
                        listen,
                        Arrays.stream(targets).map(TestRelay::target).toList())
                .existingConnections(policy)
                .drainTimeout(drainTimeout)
                .build();
    }

    private static Target target(InetSocketAddress address) {
        return new Target(address.getAddress().getHostAddress(), address.getPort());
    }

    /** The document of {@code /links}. */
    JsonObject links() {
        return await(relay.inspect(() -> LinksDocument.of(RelaySnapshot.of(relay), "test")));
    }

    /** Reads the state of the only link on the event loop. */
    <T> T see(Function<LinkSnapshot, T> view) {
        return inspect(link -> view.apply(LinkSnapshot.of(link)));
    }

    private <T> T inspect(Function<ActiveLink, T> view) {
        return await(relay.inspect(() -> view.apply(relay.links().iterator().next())));
    }

    /** The document of {@code /metrics}. */
    String metrics() {
        return await(relay.inspect(
                () -> new String(new MetricsDocument().write(RelaySnapshot.of(relay)), StandardCharsets.UTF_8)));
    }

    /** What {@code /links} tells of the hold of the only link; null if it never had one. */
    JsonObject hold() {
        return links().getJsonArray("links").getJsonObject(0).getJsonObject("hold");
    }

    LinkListener listener() {
        return inspect(link -> link.listeners().get(0));
    }

    /** How many connections wait for the end of a hold. */
    int held() {
        return see(LinkSnapshot::held);
    }

    int open() {
        return inspect(ActiveLink::open);
    }

    long closed(CloseReason reason) {
        return see(link -> link.counters().closedByReason().getOrDefault(reason, 0L));
    }

    long dials(DialResult result) {
        return see(link -> link.dialsByResult().getOrDefault(result, 0L));
    }

    long dialsTotal() {
        return see(link -> link.dialsByResult().values().stream()
                .mapToLong(Long::longValue)
                .sum());
    }

    long openedTotal() {
        return see(link -> link.counters().openedTotal());
    }

    long heldBytes() {
        return await(relay.inspect(() -> relay.heldBytes()));
    }

    /** Why a certificate is not what its files have; empty if it is. */
    String certificateError(String name) {
        return await(relay.inspect(() -> relay.tls().certificates().stream()
                .filter(state -> state.name().equals(name))
                .findFirst()
                .orElseThrow()
                .error()));
    }

    @Override
    public void close() {
        wire.close();
        relay.close();
    }
}
