package link.ambassador.bench.failover;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** How long it takes after a fault until a connection can write. One client connects and writes again and again. */
final class Faults {
    private static final int PATIENCE_MILLIS = 200;
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** What happens to the first Redis. */
    private enum Fault {
        KILLED("`kill -9`; connects are checked", false),
        DROPPED("its packets are dropped; connects are checked", false),
        DEMOTED("it becomes a replica, and the second one the primary; the role is checked", true),
        STOPPED("`SIGSTOP`: its kernel accepts, and it says nothing; the role is checked", true);

        private final String title;
        private final boolean checksRole;

        Fault(String title, boolean checksRole) {
            this.title = title;
            this.checksRole = checksRole;
        }
    }

    /** @param millis from the fault to the first connection that could write */
    private record Round(double millis, int failed, int refusedByAReplica) {}

    private final Path image;
    private final int rounds;

    Faults(Path image, int rounds) {
        this.image = image;
        this.rounds = rounds;
    }

    String table() throws IOException, InterruptedException {
        StringBuilder text =
                new StringBuilder("| what happens to the first Redis | ambassador | HAProxy |\n|---|---|---|\n");
        for (Fault fault : Fault.values()) {
            text.append("| ").append(fault.title);
            for (Way.Kind kind : Way.Kind.values()) {
                text.append(" | ").append(cell(fault, kind));
            }
            text.append(" |\n");
        }
        return text.toString();
    }

    private String cell(Fault fault, Way.Kind kind) throws IOException, InterruptedException {
        List<Round> seen = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            Round round = round(fault, kind);
            System.err.printf(Locale.ROOT, "%s %s: %s%n", fault, kind.title(), round);
            seen.add(round);
        }
        List<Double> millis = new ArrayList<>(seen.stream().map(Round::millis).toList());
        Collections.sort(millis);
        return String.format(
                Locale.ROOT,
                "%,.0f ms, %,.0f ms; %,d failed; %,d writes refused",
                millis.get(millis.size() / 2),
                millis.get(millis.size() - 1),
                seen.stream().mapToInt(Round::failed).sum(),
                seen.stream().mapToInt(Round::refusedByAReplica).sum());
    }

    private Round round(Fault fault, Way.Kind kind) throws IOException, InterruptedException {
        try (Redis first = new Redis();
                Redis second = new Redis()) {
            if (fault.checksRole) {
                second.replicaOf(first);
            }
            try (Way way = new Way(kind, image, first, second, fault.checksRole, fault.checksRole)) {
                Wait.until("a write succeeds", () -> write(way.address()).equals("+OK"));
                // HAProxy takes the second one for healthy until its check has failed.
                long settled = System.nanoTime() + TimeUnit.SECONDS.toNanos(3);
                while (System.nanoTime() < settled) {
                    write(way.address());
                }
                begin(fault, first, second);
                try {
                    return measured(way.address());
                } finally {
                    if (fault == Fault.DROPPED) {
                        filter("-D", first);
                    }
                }
            }
        }
    }

    private static void begin(Fault fault, Redis first, Redis second) throws IOException, InterruptedException {
        switch (fault) {
            case KILLED -> first.signal("KILL");
            case DROPPED -> filter("-A", first);
            case DEMOTED -> {
                first.replicaOf(second);
                second.becomePrimary();
            }
            case STOPPED -> {
                first.signal("STOP");
                second.becomePrimary();
            }
        }
    }

    /** In the network namespace that the command made for itself. */
    private static void filter(String change, Redis redis) throws IOException, InterruptedException {
        Wait.run("iptables", change, "OUTPUT", "-p", "tcp", "--dport", Integer.toString(redis.port()), "-j", "DROP");
    }

    private static Round measured(InetSocketAddress address) throws IOException {
        long began = System.nanoTime();
        int failed = 0;
        int refused = 0;
        while (System.nanoTime() - began < MOST_NANOS) {
            String answer = write(address);
            if (answer.equals("+OK")) {
                return new Round((System.nanoTime() - began) / 1e6, failed, refused);
            }
            if (answer.startsWith("-READONLY")) {
                refused++;
            } else {
                failed++;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
        throw new IOException("no write succeeded for a minute");
    }

    /** What a new connection gets for a write. */
    private static String write(InetSocketAddress address) {
        try (Redis.Connection connection = new Redis.Connection(address, PATIENCE_MILLIS)) {
            return connection.ask("SET key value");
        } catch (IOException e) {
            return e.toString();
        }
    }
}
