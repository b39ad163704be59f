package link.ambassador.relayspec;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** Relays one behind the other, as one relay. */
final class RelayChain implements RelayUnderTest {
    private final String name;
    private final String version;
    private final List<CommandLineRelay> relays;
    private final List<CommandLineRelay> started = new ArrayList<>();

    /** @param relays from the downstream to the upstream */
    RelayChain(String name, String version, List<CommandLineRelay> relays) {
        this.name = name;
        this.version = version;
        this.relays = relays;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public void start(int listenPort, InetSocketAddress target) throws IOException, InterruptedException {
        InetSocketAddress next = target;
        for (int i = relays.size() - 1; i >= 0; i--) {
            int port = i == 0 ? listenPort : freePort();
            started.add(relays.get(i));
            relays.get(i).start(port, next);
            next = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        for (CommandLineRelay relay : started) {
            relay.close();
        }
    }
}
