package link.ambassador.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A host that is 20 ms away: a network namespace behind a veth pair, with a delay of 10 ms at each end (tc-netem(8)).
 */
final class DelayedHost implements AutoCloseable {
    static final String WHAT = "one stream, bulk, over a round trip of 20 ms";

    private static final String NAMESPACE = "ambassador-bench";
    private static final String NEAR = "amb-bench-0";
    private static final String FAR = "amb-bench-1";
    private static final byte[] FAR_ADDRESS = {10, (byte) 213, 57, 2};
    private static final int IPERF_PORT = 5201;

    private DelayedHost() {}

    /** What this machine needs for it and does not have. */
    static Optional<String> missing() throws InterruptedException {
        try {
            up().close();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("this machine cannot delay packets (root and a kernel with `sch_netem` are needed): "
                    + e.getMessage().strip().replaceAll("[\\s.]+$", ""));
        }
    }

    static DelayedHost up() throws IOException, InterruptedException {
        DelayedHost host = new DelayedHost();
        host.close();
        try {
            for (String command : List.of(
                    "ip netns add " + NAMESPACE,
                    "ip link add " + NEAR + " type veth peer name " + FAR + " netns " + NAMESPACE,
                    "ip addr add 10.213.57.1/24 dev " + NEAR,
                    "ip link set " + NEAR + " up",
                    "ip -n " + NAMESPACE + " addr add 10.213.57.2/24 dev " + FAR,
                    "ip -n " + NAMESPACE + " link set " + FAR + " up",
                    "tc qdisc add dev " + NEAR + " root netem delay 10ms limit 100000",
                    "tc -n " + NAMESPACE + " qdisc add dev " + FAR + " root netem delay 10ms limit 100000")) {
                Program.output(command.split(" ", -1));
            }
        } catch (IOException e) {
            host.close();
            throw e;
        }
        return host;
    }

    Program.Server iperf() throws IOException, InterruptedException {
        return Program.server(
                new InetSocketAddress(InetAddress.getByAddress(FAR_ADDRESS), IPERF_PORT),
                "ip",
                "netns",
                "exec",
                NAMESPACE,
                "iperf3",
                "-s");
    }

    /** Removes the host, if it is there. */
    @Override
    public void close() {
        try {
            // Also removes the veth pair.
            Program.output("ip", "netns", "del", NAMESPACE);
        } catch (IOException notThere) {
            // There is no host to remove.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
