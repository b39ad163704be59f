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
import link.ambassador.relay.table.TableApplier;
import link.ambassador.relay.table.TableFileWatcher;

/**
 * The relay role: starts from the environment and runs until SIGTERM. If it cannot start, it says why in one sentence.
 */
public final class RelayProcess {
    private static final Logger LOG = Logger.getLogger(RelayProcess.class.getName());

    /** How long the admin port, and links from variables, may take to open. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** How long a shutdown may take even if the grace period is shorter. */
    private static final Duration MIN_GRACE = Duration.ofSeconds(1);

    private final AtomicReference<Relay> relay = new AtomicReference<>();
    private volatile boolean failed;

    private RelayProcess() {}

    /** Whether the environment makes a process a relay if it is given no role. */
    public static boolean isConfiguredBy(Map<String, String> environment) {
        return environment.containsKey(Settings.LINKS_FILE) || LinkVariables.anyIn(environment);
    }

    /**
     * Starts a relay and returns; its threads keep the process alive until SIGTERM, which ends it with status 0.
     *
     * @return false if it cannot start; {@code err} then has the sentence
     */
    public static boolean start(Map<String, String> environment, String version, PrintStream err) {
        RelayProcess process = new RelayProcess();
        // First: from here on SIGTERM ends the process with success, however far the start has come.
        Runtime.getRuntime().addShutdownHook(new Thread(process::shutDown, "shutdown"));
        try {
            quietNetty();
            Buffers.shareOneAllocator();
            // Vert.x' resolver is not used: contract point 4 says how names are resolved.
            System.setProperty("vertx.disableDnsResolver", "true");
            Settings settings = Settings.read(environment);
            ConsoleLog.ofProcess(settings.logLevel());
            process.run(settings, variables(environment, settings), version);
            return true;
        } catch (BadSettingException e) {
            process.failed = true;
            err.println(e.getMessage());
            return false;
        }
    }

    /**
     * JDK 24+ warns on stderr about {@code sun.misc.Unsafe} (JEP 498). Netty works without it, a little slower. A JVM
     * that is started with {@code --sun-misc-unsafe-memory-access=allow} should set the property to false.
     */
    private static void quietNetty() {
        if (Runtime.version().feature() >= 24 && System.getProperty("io.netty.noUnsafe") == null) {
            System.setProperty("io.netty.noUnsafe", "true");
        }
    }

    /** The links of the environment; empty if they are in a file. */
    static Optional<LinkTable> variables(Map<String, String> environment, Settings settings) {
        if (settings.linksFile().isPresent()) {
            return Optional.empty();
        }
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
        return Optional.of(LinkTable.of(variables.links()));
    }

    private void run(Settings settings, Optional<LinkTable> variables, String version) {
        Relay started = Relay.start(settings);
        relay.set(started);
        if (!settings.listen().skipped().isEmpty()) {
            LOG.info(() -> "this kernel has no IPv6: not listening on "
                    + String.join(", ", settings.listen().skipped()));
        }
        try {
            serve(started, variables, version);
        } catch (BadSettingException e) {
            started.close();
            throw e;
        }
    }

    /**
     * Opens the admin port of a relay, then its links.
     *
     * @param variables empty if the links are in a file
     * @return ends the watch of the file
     */
    static AutoCloseable serve(Relay relay, Optional<LinkTable> variables, String version) {
        Settings settings = relay.settings();
        try {
            await(new AdminServer(relay, version).start());
        } catch (ExecutionException e) {
            throw new BadSettingException("cannot open the admin port on "
                    + String.join(", ", settings.admin().addresses().hosts()) + ", port "
                    + settings.admin().port() + " (" + e.getCause().getMessage() + "): " + Settings.ADMIN_PORT
                    + " must be a free port, and " + Settings.ADMIN_HOST + " addresses of this machine");
        }
        StartedFile startedFile = new StartedFile(settings.startedFile());
        LOG.info(() -> "relay " + version + ", admin port " + settings.admin().port());
        if (variables.isPresent()) {
            try {
                await(relay.apply(variables.get()));
            } catch (ExecutionException e) {
                throw new IllegalStateException("cannot open the links", e.getCause());
            }
            startedFile.write();
            return () -> {};
        }
        return TableFileWatcher.follow(
                settings.linksFile().orElseThrow(),
                settings.reservedPorts(),
                new TableApplier(relay, settings.podName(), () -> relay.vertx().executeBlocking(() -> {
                    startedFile.write();
                    return null;
                })));
    }

    /** Ends with status 0: by itself the JVM would end with 143 after SIGTERM. */
    private void shutDown() {
        if (failed) {
            // Keeps the status of the failed start.
            return;
        }
        int status = 0;
        Relay running = relay.get();
        if (running != null) {
            long millis = Math.max(
                    MIN_GRACE.toMillis(),
                    running.settings().shutdown().gracePeriod().toMillis());
            try {
                running.shutdown().toCompletionStage().toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
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
