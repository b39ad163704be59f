package link.ambassador.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import link.ambassador.relayspec.CommandLineRelay;

/** The time from the start of the process until its port accepts connections. */
final class Start {
    private final Lineup lineup;
    private final int rounds;

    Start(Lineup lineup, int rounds) {
        this.lineup = lineup;
        this.rounds = rounds;
    }

    List<Row> toListening() throws Exception {
        Map<String, List<Double>> millis = new LinkedHashMap<>();
        try (ServerSocket nobody = new ServerSocket(0, 64, InetAddress.getLoopbackAddress())) {
            // The first start fills the page cache.
            for (int round = 0; round <= rounds; round++) {
                for (Supplier<CommandLineRelay> kind : lineup.relays()) {
                    CommandLineRelay relay = kind.get();
                    long begin = System.nanoTime();
                    try (Subject subject = Subject.start(relay, (InetSocketAddress) nobody.getLocalSocketAddress())) {
                        double took = (System.nanoTime() - begin) / 1e6;
                        if (round > 0) {
                            millis.computeIfAbsent(subject.name(), name -> new ArrayList<>())
                                    .add(took);
                        }
                    }
                }
            }
        }
        return List.of(Row.of(
                "process start to listening",
                "ms",
                Idle.series(millis),
                Lineup.OURS,
                List.of(Lineup.HAPROXY),
                Bound.timesAtMost(4.0, 2.5)));
    }
}
