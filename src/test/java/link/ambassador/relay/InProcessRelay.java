package link.ambassador.relay;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.relayspec.RelayUnderTest;

/** Our relay inside the test's process, for relayspec. */
final class InProcessRelay implements RelayUnderTest {
    private final Settings.Transport transport;
    private final Map<String, String> variables;
    private Relay relay;

    InProcessRelay(Settings.Transport transport) {
        this(transport, Map.of());
    }

    InProcessRelay(Settings.Transport transport, Map<String, String> variables) {
        this.transport = transport;
        this.variables = variables;
    }

    @Override
    public String name() {
        return "ambassador, " + transport.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void start(int listenPort, InetSocketAddress target) {
        Map<String, String> environment = new HashMap<>(variables);
        environment.put("AMBASSADOR_LISTEN_HOST", "127.0.0.1");
        environment.put("AMBASSADOR_TRANSPORT", transport.name().toLowerCase(Locale.ROOT));
        relay = WatchedRelay.start(Settings.read(environment));
        Target upstream = new Target(target.getAddress().getHostAddress(), target.getPort());
        relay.apply(LinkTable.of(List.of(Link.of("up", listenPort, List.of(upstream)))))
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void close() {
        relay.close();
    }
}
