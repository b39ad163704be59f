package link.ambassador.relay;

import io.vertx.core.Future;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import link.ambassador.link.BadSetting;
import link.ambassador.link.LinkTable;
import link.ambassador.link.LinkVariables;

/** The relay role: starts from the environment, lives until SIGTERM, and says in one sentence why it cannot. */
public final class RelayProcess {
    private static final Logger LOG = Logger.getLogger(RelayProcess.class.getName());

    /** A relay that does not come to an end by itself is ended: the kubelet would kill it a moment later. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** How long going away may take when the grace period leaves no time for it. */
    private static final Duration LEAST_GRACE = Duration.ofSeconds(1);

    private RelayProcess() {}

    /** Whether the environment alone makes a process a relay, when nothing says its role. */
    public static boolean isAskedForBy(Map<String, String> environment) {
        return environment.containsKey(Settings.LINKS_FILE) || LinkVariables.anyIn(environment);
    }

    /**
     * Starts a relay and returns; its threads keep the process alive until SIGTERM, which ends it with status 0.
     *
     * @return false when it cannot start; the sentence is on {@code err} then
     */
    public static boolean start(Map<String, String> environment, String version, PrintStream err) {
        try {
            quietNetty();
            // Vert.x' own resolver is never asked: names are resolved as contract point 4 says.
            System.setProperty("vertx.disableDnsResolver", "true");
            Settings settings = Settings.read(environment, ListenAddresses.kernelHasIpv6());
            ConsoleLog.to(System.out, settings.logLevel());
            LinkTable table = linksOf(environment, settings);
            run(settings, table, version);
            return true;
        } catch (BadSetting e) {
            err.println(e.getMessage());
            return false;
        }
    }

    /**
     * From JDK 24 on the VM warns on stderr of any use of {@code sun.misc.Unsafe} (JEP 498). Netty does without, a little
     * slower; who starts the VM with {@code --sun-misc-unsafe-memory-access=allow} sets the property to false with it.
     */
    private static void quietNetty() {
        if (Runtime.version().feature() >= 24 && System.getProperty("io.netty.noUnsafe") == null) {
            System.setProperty("io.netty.noUnsafe", "true");
        }
    }

    private static LinkTable linksOf(Map<String, String> environment, Settings settings) {
        LinkVariables variables = LinkVariables.read(environment);
        if (!variables.refusals().isEmpty()) {
            throw new BadSetting(variables.refusals().stream()
                    .map(LinkVariables.Refusal::sentence)
                    .collect(Collectors.joining("; ")));
        }
        if (variables.links().isEmpty()) {
            throw new BadSetting(
                    "no link: set <ALIAS>_PORT_<port>_TCP=tcp://<host>:<port>, such as REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379");
        }
        variables.links().stream()
                .filter(link -> link.listen() == settings.adminPort())
                .findFirst()
                .ifPresent(link -> {
                    throw new BadSetting("the link " + link.alias() + " listens on " + link.listen()
                            + ", which is the admin port: set " + Settings.ADMIN_PORT + " to another port");
                });
        List<String> udp = variables.udp();
        if (!udp.isEmpty()) {
            LOG.info(() -> "not relayed, because only TCP is: " + String.join(", ", udp));
        }
        return LinkTable.of(variables.links());
    }

    private static void run(Settings settings, LinkTable table, String version) {
        Relay relay = Relay.start(settings);
        if (!settings.listen().skipped().isEmpty()) {
            LOG.info(() -> "this kernel has no IPv6: not listening on "
                    + String.join(", ", settings.listen().skipped()));
        }
        try {
            await(new AdminServer(relay, version).start());
        } catch (ExecutionException e) {
            relay.close();
            throw new BadSetting("the admin port cannot be opened on "
                    + String.join(", ", settings.admin().hosts()) + ", port " + settings.adminPort() + " ("
                    + e.getCause().getMessage() + "): " + Settings.ADMIN_PORT + " must be a port that is free, and "
                    + Settings.ADMIN_HOST + " addresses of this machine");
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> goAway(relay), "shutdown"));
        try {
            await(relay.apply(table));
        } catch (ExecutionException e) {
            throw new IllegalStateException("the links could not be opened", e.getCause());
        }
        LOG.info(() -> "relay " + version + " serves "
                + table.links().stream()
                        .map(link -> link.alias() + " :" + link.listen() + " -> " + link.targets())
                        .collect(Collectors.joining(", ")));
    }

    /** The JVM would end with status 143 after SIGTERM: a relay that drained was a success. */
    private static void goAway(Relay relay) {
        int status = 0;
        long millis =
                Math.max(LEAST_GRACE.toMillis(), relay.settings().gracePeriod().toMillis());
        try {
            relay.shutdown().toCompletionStage().toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException | InterruptedException e) {
            LOG.log(Level.WARNING, "did not go away in time", e);
            status = 1;
        }
        System.out.flush();
        Runtime.getRuntime().halt(status);
    }

    private static void await(Future<?> future) throws ExecutionException {
        try {
            future.toCompletionStage().toCompletableFuture().get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException | TimeoutException e) {
            throw new ExecutionException(e);
        }
    }
}
