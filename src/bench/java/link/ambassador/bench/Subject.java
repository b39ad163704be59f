package link.ambassador.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.stream.Stream;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.relayspec.CommandLineRelay;

/** A running relay; or none, with the address of the upstream. */
final class Subject implements AutoCloseable {
    private final String name;
    private final InetSocketAddress address;
    private final Optional<CommandLineRelay> relay;

    /** A second relay, between the first and the upstream. */
    private final Optional<CommandLineRelay> behind;

    private Subject(
            String name,
            InetSocketAddress address,
            Optional<CommandLineRelay> relay,
            Optional<CommandLineRelay> behind) {
        this.name = name;
        this.address = address;
        this.relay = relay;
        this.behind = behind;
    }

    static Subject start(CommandLineRelay relay, InetSocketAddress upstream) throws IOException, InterruptedException {
        return start(LoopbackPort.free(), relay, upstream);
    }

    static Subject start(int port, CommandLineRelay relay, InetSocketAddress upstream)
            throws IOException, InterruptedException {
        relay.start(port, upstream);
        return new Subject(relay.name(), onLoopback(port), Optional.of(relay), Optional.empty());
    }

    /** Two relays one behind the other. */
    static Subject pair(String name, CommandLineRelay near, CommandLineRelay far, InetSocketAddress upstream)
            throws IOException, InterruptedException {
        int between = LoopbackPort.free();
        far.start(between, upstream);
        int port = LoopbackPort.free();
        try {
            near.start(port, onLoopback(between));
        } catch (IOException | InterruptedException e) {
            far.close();
            throw e;
        }
        return new Subject(name, onLoopback(port), Optional.of(near), Optional.of(far));
    }

    private static InetSocketAddress onLoopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    static Subject direct(InetSocketAddress upstream) {
        return new Subject(Lineup.DIRECT, upstream, Optional.empty(), Optional.empty());
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

    /** The process and its children; of two relays, the first. */
    ProcessTree process() {
        return new ProcessTree(relay.orElseThrow().process());
    }

    /** Of all relays; 0 if there is none. */
    double cpuSeconds() {
        return Stream.of(relay, behind)
                .flatMap(Optional::stream)
                .mapToDouble(each -> new ProcessTree(each.process()).cpuSeconds())
                .sum();
    }

    @Override
    public void close() throws IOException {
        if (relay.isPresent()) {
            relay.get().close();
        }
        if (behind.isPresent()) {
            behind.get().close();
        }
    }
}
