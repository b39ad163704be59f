package link.ambassador.relay;

import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.config.LinkTable;
import link.ambassador.relay.dns.PodResolver;
import link.ambassador.relay.join.ByteBudget;
import link.ambassador.relay.join.CloseReason;
import link.ambassador.relay.join.PipePool;
import link.ambassador.relay.join.RelayTransport;
import link.ambassador.relay.join.SelfConnect;
import link.ambassador.relay.join.Turns;
import link.ambassador.relay.probe.CredentialFiles;
import link.ambassador.relay.proxy.ActiveLink;
import link.ambassador.relay.proxy.ActiveLinks;
import link.ambassador.relay.proxy.FileDescriptors;
import link.ambassador.relay.proxy.LinkContext;
import link.ambassador.relay.proxy.LocalAddresses;
import link.ambassador.relay.proxy.Releases;
import link.ambassador.relay.tls.RelayTls;

/**
 * A running relay: the links of one table, served on one event loop.
 *
 * <p>Only the event loop uses the state. Any thread may call {@link #apply}, {@link #reject}, {@link #noTable}, {@link
 * #shutdown} and {@link #inspect}, which do their work on the event loop.
 */
public final class Relay implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Relay.class.getName());
    private static final Duration BETWEEN_CHECKS = Duration.ofMillis(20);

    /** How long before the end of the grace period the relay ends. */
    private static final Duration BEFORE_SIGKILL = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final EventLoop loop;
    private final Settings settings;
    private final PodResolver resolver;
    private final ByteBudget budget;
    private final PipePool pipes;
    private final RelayTransport transport;
    private final Turns turns;
    private final ActiveLinks links;
    private final RelayClock clock = RelayClock.start();
    private TableStatus tableStatus = TableStatus.NONE;
    private Future<Void> applying = Future.succeededFuture();
    private boolean shuttingDown;
    private boolean accepting = true;
    private long acceptFailures;
    private RelayTls tls;

    private Relay(Settings settings, RelayTransport transport) {
        this.settings = settings;
        this.transport = transport;
        this.vertx = transport.vertx();
        this.loop = ((VertxInternal) vertx).getEventLoopGroup().next();
        Executor workers = ((VertxInternal) vertx).getWorkerPool().executor();
        this.resolver = new PodResolver(loop, workers, PodResolver.Sources.ofSystem(settings.aliases()));
        FileDescriptors descriptors = FileDescriptors.ofProcess();
        this.budget = new ByteBudget(settings.byteBudget());
        this.pipes = new PipePool(settings.splice(), descriptors.maxPipes());
        this.turns = new Turns(loop);
        LinkContext shared = new LinkContext(
                ((VertxInternal) vertx).createEventLoopContext(),
                turns,
                transport,
                vertx.createNetClient(),
                resolver,
                SelfConnect.ofKernel(),
                new LinkContext.Limits(budget, pipes, descriptors),
                new Releases(loop),
                settings.listen(),
                relayTls(workers),
                new CredentialFiles(loop, workers, settings.tls().directory()),
                settings.pod(),
                this::isOwnListener,
                () -> acceptFailures++);
        this.links = new ActiveLinks(shared, LocalAddresses.ofSystem(workers));
        IdleTrimmer trimmer = new IdleTrimmer(Runtime.getRuntime().totalMemory());
        vertx.setPeriodic(IdleTrimmer.BETWEEN_SAMPLES.toMillis(), timer -> trim(trimmer));
    }

    /** Made for the first link with TLS, so that the others load nothing of it. */
    private Supplier<RelayTls> relayTls(Executor workers) {
        return () -> {
            if (tls == null) {
                tls = new RelayTls(
                        vertx,
                        loop,
                        workers,
                        settings.tls().directory(),
                        settings.tls().maxVersion());
            }
            return tls;
        };
    }

    /** The TLS of all links; null while no link has had any. */
    RelayTls tls() {
        return tls;
    }

    private void trim(IdleTrimmer trimmer) {
        long work = everyLink().stream()
                .map(ActiveLink::counters)
                .mapToLong(counters -> counters.bytesToUpstream()
                        + counters.bytesToDownstream()
                        + counters.openedTotal() * IdleTrimmer.BYTES_PER_CONNECTION)
                .sum();
        switch (trimmer.sample(work, Runtime.getRuntime().totalMemory())) {
            case NOTHING -> {}
            case BUFFERS -> Buffers.releaseUnused();
            case BUFFERS_AND_HEAP -> {
                Buffers.releaseUnused();
                System.gc();
            }
        }
    }

    /** Starts the event loop; nothing listens until a table is applied. */
    static Relay start(Settings settings) {
        RelayTransport transport =
                switch (settings.transport()) {
                    case AUTO -> RelayTransport.best();
                    case NIO -> RelayTransport.nio();
                    case EPOLL -> RelayTransport.epoll();
                };
        return new Relay(settings, transport);
    }

    public Vertx vertx() {
        return vertx;
    }

    public Settings settings() {
        return settings;
    }

    /** The links of the table; valid on the event loop. */
    Collection<ActiveLink> links() {
        return links.current();
    }

    /** Links that left the table and still have connections. */
    Collection<ActiveLink> leaving() {
        return links.leaving();
    }

    public TableStatus tableStatus() {
        return tableStatus;
    }

    RelayClock clock() {
        return clock;
    }

    String transportName() {
        return transport.name();
    }

    long heldBytes() {
        return budget.heldBytes();
    }

    PipePool pipes() {
        return pipes;
    }

    long acceptFailures() {
        return acceptFailures;
    }

    public boolean isShuttingDown() {
        return shuttingDown;
    }

    /** Whether a table was applied and each listener was tried. */
    public boolean isStarted() {
        return tableStatus.applied().isPresent() && links.current().stream().allMatch(ActiveLink::isTried);
    }

    /** Whether every listener listens and the relay is not shutting down. */
    public boolean isReady() {
        return isStarted() && !shuttingDown && links.current().stream().allMatch(ActiveLink::isListening);
    }

    /** {@link #apply(LinkTable, List)} of a table without unknown fields. */
    public Future<Void> apply(LinkTable next) {
        return apply(next, List.of());
    }

    /**
     * Serves the links of this table from now on, and touches only what differs. Completes when each listener was
     * tried. Does nothing once a shutdown has closed the listeners.
     */
    public Future<Void> apply(LinkTable next, List<String> unknownFields) {
        Promise<Void> tried = Promise.promise();
        loop.execute(() -> {
            // One table after the other: whether a port is free depends on the one before.
            applying = applying.otherwiseEmpty().compose(before -> applyNow(next, unknownFields));
            applying.onFailure(e -> LOG.log(Level.SEVERE, "cannot apply a link table", e));
            applying.onComplete(tried);
        });
        return tried.future();
    }

    private Future<Void> applyNow(LinkTable next, List<String> unknownFields) {
        if (!accepting) {
            return Future.succeededFuture();
        }
        tableStatus = tableStatus.withApplied(next, unknownFields);
        return links.change(next.links());
    }

    /** The newest table is not applied. The served links stay. */
    public void reject(Optional<String> revision, String error) {
        loop.execute(() -> tableStatus = tableStatus.withRejected(revision, error));
    }

    /** The file has no table now. The served links stay. */
    public void noTable(String sentence) {
        loop.execute(() -> tableStatus = tableStatus.withoutTable(sentence));
    }

    /**
     * Shuts down (contract point 6). The relay is not ready at once, but still accepts for the shutdown delay. Then the
     * listeners close, connections drain, and the rest is reset. Completes two seconds before the grace period ends, or
     * earlier once no connection is open.
     */
    Future<Void> shutdown() {
        Promise<Void> ended = Promise.promise();
        loop.execute(() -> {
            shuttingDown = true;
            everyLink().forEach(ActiveLink::shutDown);
            Settings.Shutdown timing = settings.shutdown();
            Duration untilReset = timing.gracePeriod().minus(timing.delay()).minus(BEFORE_SIGKILL);
            Duration drain = untilReset.isNegative() ? Duration.ZERO : untilReset;
            LOG.info(() -> "shutting down: accepting for " + timing.delay().toMillis() + " ms, draining for up to "
                    + drain.toMillis() + " ms");
            long delayMillis = Math.max(1, timing.delay().toMillis());
            vertx.setTimer(delayMillis, timer -> {
                accepting = false;
                long endNanos = System.nanoTime() + drain.toNanos();
                turns.each(links.current(), ActiveLink::closeListeners)
                        .onComplete(closed -> everyLink().forEach(link -> link.drain(endNanos, CloseReason.SHUTDOWN)))
                        .onComplete(draining -> completeWhenEmpty(ended));
            });
        });
        return ended.future();
    }

    private void completeWhenEmpty(Promise<Void> ended) {
        if (everyLink().stream().allMatch(link -> link.open() == 0)) {
            ended.complete();
        } else {
            vertx.setTimer(BETWEEN_CHECKS.toMillis(), timer -> completeWhenEmpty(ended));
        }
    }

    /** The links of the table and those that are leaving. */
    List<ActiveLink> everyLink() {
        return links.all();
    }

    /** Calls {@code view} on the event loop, where it may read the relay's state. */
    <T> Future<T> inspect(Supplier<T> view) {
        Promise<T> result = Promise.promise();
        loop.execute(() -> {
            try {
                result.complete(view.get());
            } catch (RuntimeException e) {
                result.fail(e);
            }
        });
        return result.future();
    }

    private boolean isOwnListener(InetSocketAddress address) {
        return links.listenOn(address);
    }

    /** Closes everything now; for tests. */
    @Override
    public void close() {
        loop.execute(resolver::close);
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
