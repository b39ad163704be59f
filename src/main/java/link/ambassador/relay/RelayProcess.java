package link.ambassador.relay;

import io.vertx.core.Future;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import link.ambassador.config.BadSettingException;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkVariables;
import link.ambassador.relay.admin.AdminServer;
import link.ambassador.relay.proxy.ListenAddresses;
import link.ambassador.relay.table.TableApplier;
import link.ambassador.relay.table.TableFileWatcher;

/** The relay role: starts from the environment, lives until SIGTERM, and says in one sentence why it cannot. */
public final class RelayProcess {
    private static final Logger LOG = Logger.getLogger(RelayProcess.class.getName());

    /** A relay that does not come to an end by itself is ended: the kubelet would kill it a moment later. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** How long going away may take when the grace period leaves no time for it. */
    private static final Duration LEAST_GRACE = Duration.ofSeconds(1);

    private final AtomicReference<Relay> relay = new AtomicReference<>();
    private volatile boolean failed;

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
        RelayProcess process = new RelayProcess();
        // First: from here on an end by SIGTERM is a success, however far the start has come.
        Runtime.getRuntime().addShutdownHook(new Thread(process::goAway, "shutdown"));
        try {
            quietNetty();
            Buffers.ofOneAllocator();
            // Vert.x' own resolver is never asked: names are resolved as contract point 4 says.
            System.setProperty("vertx.disableDnsResolver", "true");
            Settings settings = Settings.read(environment);
            ConsoleLog.ofProcess(settings.logLevel());
            Optional<LinkTable> variables =
                    settings.linksFile().isPresent() ? Optional.empty() : Optional.of(linksOf(environment, settings));
            process.run(settings, variables, version);
            return true;
        } catch (BadSettingException e) {
            process.failed = true;
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
        LinkVariables variables = LinkVariables.read(environment, settings.reservedPorts());
        if (!variables.refusals().isEmpty()) {
            throw new BadSettingException(variables.refusals().stream()
                    .map(LinkVariables.Refusal::sentence)
                    .collect(Collectors.joining("; ")));
        }
        if (variables.links().isEmpty()) {
            throw new BadSettingException(
                    "no link: set <ALIAS>_PORT_<port>_TCP=tcp://<host>:<port>, such as REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379, or name a link table in "
                            + Settings.LINKS_FILE);
        }
        List<String> udp = variables.udp();
        if (!udp.isEmpty()) {
            LOG.info(() -> "ignoring UDP links: " + String.join(", ", udp));
        }
        List<String> inherited = variables.inherited();
        if (!inherited.isEmpty()) {
            LOG.info(() ->
                    "ignoring the environment of linked containers (<ALIAS>_ENV_*): " + String.join(", ", inherited));
        }
        return LinkTable.of(variables.links());
    }

    private void run(Settings settings, Optional<LinkTable> variables, String version) {
        Relay started = Relay.start(settings);
        relay.set(started);
        if (!settings.listen().skipped().isEmpty()) {
            LOG.info(() -> "this kernel has no IPv6: not listening on "
                    + String.join(", ", settings.listen().skipped()));
        }
        try {
            await(new AdminServer(started, version).start());
        } catch (ExecutionException e) {
            started.close();
            throw new BadSettingException("cannot open the admin port on "
                    + String.join(", ", settings.admin().addresses().hosts()) + ", port " + settings.admin().port() + " ("
                    + e.getCause().getMessage() + "): " + Settings.ADMIN_PORT + " must be a free port, and "
                    + Settings.ADMIN_HOST + " addresses of this machine");
        }
        StartedFile startedFile = new StartedFile(settings.startedFile());
        LOG.info(() -> "relay " + version + ", admin port " + settings.admin().port());
        if (variables.isPresent()) {
            try {
                await(started.apply(variables.get()));
                startedFile.write();
            } catch (ExecutionException e) {
                throw new IllegalStateException("cannot open the links", e.getCause());
            }
        } else {
            TableFileWatcher.follow(
                    settings.linksFile().orElseThrow(),
                    settings.reservedPorts(),
                    new TableApplier(started, () -> started.vertx().executeBlocking(() -> {
                        startedFile.write();
                        return null;
                    })));
        }
    }

    /** The JVM would end with status 143 after SIGTERM: a relay that drained was a success. */
    private void goAway() {
        if (failed) {
            // The status is that of the failed start.
            return;
        }
        int status = 0;
        Relay going = relay.get();
        if (going != null) {
            long millis = Math.max(
                    LEAST_GRACE.toMillis(), going.settings().shutdown().gracePeriod().toMillis());
            try {
                going.shutdown().toCompletionStage().toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException | InterruptedException e) {
                LOG.log(Level.WARNING, "did not shut down in time", e);
                status = 1;
            }
        }
        ConsoleLog.awaitWritten();
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
