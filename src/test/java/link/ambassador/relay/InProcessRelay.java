package link.ambassador.relay;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import link.ambassador.relayspec.RelayUnderTest;

/** The relay in the test's process, for relayspec. */
final class InProcessRelay implements RelayUnderTest {
    private final Map<String, String> variables;
    private TestRelay relay;

    InProcessRelay(Settings.Transport transport) {
        this(transport, Map.of());
    }

    InProcessRelay(Settings.Transport transport, Map<String, String> variables) {
        this.variables = new HashMap<>(variables);
        this.variables.put("AMBASSADOR_TRANSPORT", transport.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public String name() {
        return "ambassador, " + variables.get("AMBASSADOR_TRANSPORT");
    }

    @Override
    public void start(int listenPort, InetSocketAddress target) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), listenPort);
        relay = TestRelay.start(variables, address, target, link -> link);
    }

    @Override
    public void close() {
        relay.close();
    }
}
