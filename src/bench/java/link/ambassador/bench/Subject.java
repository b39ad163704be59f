package link.ambassador.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.relayspec.CommandLineRelay;

/** A running relay; or none, with the address of the upstream. */
final class Subject implements AutoCloseable {
    private final String name;
    private final InetSocketAddress address;
    private final Optional<CommandLineRelay> relay;

    private Subject(String name, InetSocketAddress address, Optional<CommandLineRelay> relay) {
        this.name = name;
        this.address = address;
        this.relay = relay;
    }

    static Subject start(CommandLineRelay relay, InetSocketAddress upstream) throws IOException, InterruptedException {
        return start(LoopbackPort.free(), relay, upstream);
    }

    static Subject start(int port, CommandLineRelay relay, InetSocketAddress upstream)
            throws IOException, InterruptedException {
        relay.start(port, upstream);
        return new Subject(
                relay.name(), new InetSocketAddress(InetAddress.getLoopbackAddress(), port), Optional.of(relay));
    }

    static Subject direct(InetSocketAddress upstream) {
        return new Subject(Lineup.DIRECT, upstream, Optional.empty());
    }

    String name() {
        return name;
    }

    InetSocketAddress address() {
        return address;
    }

    boolean isRelay() {
        return relay.isPresent();
    }

    /** The process and its children. */
    ProcessTree process() {
        return new ProcessTree(relay.orElseThrow().process());
    }

    /** 0 if there is no relay. */
    double cpuSeconds() {
        return isRelay() ? process().cpuSeconds() : 0;
    }

    @Override
    public void close() throws IOException {
        if (relay.isPresent()) {
            relay.get().close();
        }
    }
}
