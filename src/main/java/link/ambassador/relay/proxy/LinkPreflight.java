package link.ambassador.relay.proxy;

import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.AsyncResult;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import link.ambassador.config.Link;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.relay.dial.Backoff;
import link.ambassador.relay.dial.Dial;
import link.ambassador.relay.dial.DialException;
import link.ambassador.relay.dial.Dials;
import link.ambassador.relay.join.PipelineLeg;
import link.ambassador.relay.tls.LinkTls;

/**
 * Dials a target of one link before connections go there.
 *
 * <pre>
 *   DIALLING ──it answered──► REACHABLE
 *       │                         ▲
 *       ▼ it did not              │ it answered
 *   UNREACHABLE ── dialled again and again
 * </pre>
 *
 * <p>Until the first of the link's new targets answers, the link is served with its former targets and their TLS. All else that the
 * table says of the link counts at once, except the end of a hold: the connections that wait would go to the former targets. That hold
 * still ends at its own time.
 *
 * <p>One dial is under way at most. The connection that it made serves the next downstream, so that the target does not see one that
 * says nothing. On the event loop.
 */
public final class LinkPreflight {
    public enum State {
        /** It has not answered yet. */
        DIALLING,
        /** It did not answer, and is dialled again. */
        UNREACHABLE,
        /** It answered. */
        REACHABLE;

        /** The word in {@code /links}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Before the second dial. */
    static final Duration FIRST_WAIT = Duration.ofSeconds(1);

    static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

    private static final Logger LOG = Logger.getLogger(LinkPreflight.class.getName());

    private final LinkContext shared;
    private final FileDescriptors.Share descriptors;
    private final Supplier<Link> served;
    private final Supplier<LinkTls> linkTls;
    private final UpstreamHeaders headers;
    private final PreflightConnection idle;
    private final Consumer<Link> serve;
    private PreflightProbe probe;
    private State state;
    private String sentence = "";
    private long dials;
    private long sinceNanos;
    private long lastNanos;

    /** Which probe it is: what a former one began is of no use any more. */
    private long number;

    /** What the table asks for, and the link does not serve yet; null if there is nothing. */
    private Link pending;

    /** A link that leads to the target of the probe alone. */
    private Link dialled;

    private Dial dial;
    private Backoff backoff;
    private ScheduledFuture<?> nextDial;

    /** TLS that the link does not have; null if none is needed. */
    private LinkTls otherTls;

    private boolean shutDown;

    /**
     * Without a preflight.
     *
     * @param descriptors of the link: each dial takes one
     * @param served the link as it is served
     * @param linkTls its TLS
     * @param headers those of its targets
     * @param serve serves this link from now on
     */
    LinkPreflight(
            LinkContext shared,
            FileDescriptors.Share descriptors,
            Supplier<Link> served,
            Supplier<LinkTls> linkTls,
            UpstreamHeaders headers,
            Consumer<Link> serve) {
        this.shared = shared;
        this.descriptors = descriptors;
        this.served = served;
        this.linkTls = linkTls;
        this.headers = headers;
        this.idle = new PreflightConnection(shared.loop(), descriptors, headers);
        this.serve = serve;
    }

    /**
     * The table has {@code next}. Serves that, or as much of it as does not depend on an answer.
     *
     * @param holding whether new connections of the link wait
     */
    void change(Link next, boolean holding) {
        Link before = served.get();
        Optional<PreflightProbe> wanted = PreflightProbe.of(before, next);
        boolean keepsFormer = wanted.isPresent() && !wanted.get().candidate();
        pending = keepsFormer ? next : null;
        Link now = keepsFormer ? PreflightProbe.withFormerTargets(before, holding, next) : next;
        if (!now.equals(before)) {
            serve.accept(now);
        }
        if (wanted.isEmpty()) {
            if (next.preflight().isEmpty() || state != State.REACHABLE) {
                forget();
            }
        } else if (!shutDown && (!wanted.get().equals(probe) || (keepsFormer && state == State.REACHABLE))) {
            begin(wanted.get(), next);
        }
    }

    private void begin(PreflightProbe wanted, Link next) {
        forget();
        probe = wanted;
        dialled = wanted.dialled(next);
        state = State.DIALLING;
        sinceNanos = System.nanoTime();
        backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT);
        long mine = number;
        // Many links may begin at once.
        shared.turns().each(List.of(wanted), each -> dial(mine));
    }

    private void dial(long mine) {
        if (mine != number) {
            return;
        }
        dials++;
        if (!descriptors.acquire(1)) {
            failed("the relay has no free file descriptor");
            return;
        }
        if (otherTls == null
                && probe.tls().isPresent()
                && !probe.tls().equals(served.get().upstreamTls())) {
            otherTls = new LinkTls(shared.tls().get());
            otherTls.change(dialled);
        }
        Dials ofProbe = shared.uncountedDials(new UpstreamConnector(
                shared.client(),
                shared.context(),
                shared.selfConnect(),
                descriptors,
                () -> dialled,
                () -> otherTls == null ? linkTls.get() : otherTls,
                headers,
                false));
        dial = ofProbe.start(List.of(probe.target()), probe.timeout(), WhenUnavailable.REFUSE);
        dial.outcome().onComplete(answer -> guarded(() -> ended(mine, answer)));
    }

    private void ended(long mine, AsyncResult<Dial.Connected> answer) {
        if (answer.failed() || mine != number) {
            descriptors.release(1);
        }
        if (mine != number) {
            if (answer.succeeded()) {
                PipelineLeg.reset(answer.result().channel());
            }
        } else if (answer.succeeded()) {
            answered(answer.result());
        } else {
            if (!(answer.cause() instanceof DialException)) {
                LOG.log(Level.SEVERE, "an error in the relay ended a preflight dial", answer.cause());
            }
            failed(String.valueOf(answer.cause().getMessage()));
        }
    }

    private void failed(String why) {
        boolean isNews = state != State.UNREACHABLE || !why.equals(sentence);
        state = State.UNREACHABLE;
        sentence = why;
        lastNanos = System.nanoTime();
        long mine = number;
        nextDial = shared.loop().schedule(() -> guarded(() -> dial(mine)), backoff.nextNanos(), TimeUnit.NANOSECONDS);
        if (isNews) {
            LOG.info(() -> describe() + ": "
                    + (probe.candidate() ? "the candidate does not answer" : "keeps its former targets") + ": " + why
                    + "; dialling again until it answers");
        }
    }

    private void answered(Dial.Connected connected) {
        state = State.REACHABLE;
        sentence = "";
        lastNanos = System.nanoTime();
        dial = null;
        idle.keep(connected, probe.tls(), probe.header());
        closeOtherTls();
        LOG.info(() -> describe() + ": " + connected.target() + " answered after "
                + TimeUnit.NANOSECONDS.toMillis(lastNanos - sinceNanos) + " ms");
        Link next = pending;
        pending = null;
        if (next != null) {
            serve.accept(next);
        }
    }

    private String describe() {
        return served.get().alias() + " on port " + served.get().listen();
    }

    /** The connection of the preflight, for a downstream of the link; empty if there is none that it can use. */
    Optional<Dial.Connected> take() {
        Link now = served.get();
        return idle.take(now.targets().get(0), now.upstreamTls());
    }

    /** Dials no longer, and says nothing of a target. */
    private void forget() {
        number++;
        if (dial != null) {
            Dial former = dial;
            dial = null;
            former.cancel();
        }
        if (nextDial != null) {
            nextDial.cancel(false);
            nextDial = null;
        }
        closeOtherTls();
        probe = null;
        state = null;
        sentence = "";
        dials = 0;
    }

    private void closeOtherTls() {
        if (otherTls != null) {
            otherTls.close();
            otherTls = null;
        }
    }

    /** The link is no longer in the table. */
    void close() {
        pending = null;
        forget();
        idle.close();
    }

    /** The relay shuts down: the link stays as it is served. */
    public void shutDown() {
        shutDown = true;
        close();
    }

    /** A timer would lose an exception. */
    static void guarded(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            LOG.log(Level.SEVERE, "an error in the relay ended a preflight", e);
        }
    }

    /** Empty if no target is or was dialled for what the table says. */
    Optional<PreflightSnapshot> snapshot() {
        return probe == null
                ? Optional.empty()
                : Optional.of(new PreflightSnapshot(
                        probe.target(), probe.candidate(), state, sentence, dials, sinceNanos, lastNanos));
    }
}
