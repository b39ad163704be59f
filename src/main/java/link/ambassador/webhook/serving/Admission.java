package link.ambassador.webhook.serving;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.NamespaceServices;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.SidecarAmbassadors;
import link.ambassador.webhook.Injection;
import link.ambassador.webhook.PodNamespace;
import org.jboss.logging.Logger;

/**
 * Answers reviews.
 *
 * <pre>
 *   read ── a cached Ambassador selects the pod ───────────────────────────────────► inject ──► allowed, with a patch or without
 *      └─── none does ── the API server lists the namespace's Ambassadors, once ────►    │
 *                              └── no answer: with the cached ones ─────────────────►    │
 *                                                                       anything fails ──► allowed, without a patch
 * </pre>
 *
 * The webhook never refuses a pod, also not one that requires its relay. If injection fails for such a pod, the call fails, and the
 * configuration's failurePolicy decides what follows.
 */
final class Admission {
    private static final Logger LOG = Logger.getLogger(Admission.class);
    static final String FAILED = "Failed";
    private static final String OTHER_NAMESPACE = "OtherNamespace";
    private static final int WORKERS = 4;

    /** Larger reviews have a thread of their own, so that a usual pod never waits for one. */
    private static final int LARGE_BYTES = 128 * 1024;

    private final Vertx vertx;
    private final WorkerExecutor workers;
    private final WorkerExecutor largeOnes;
    private final WebhookSettings settings;
    private final SidecarAmbassadors cached;
    private final LiveAmbassadors live;
    private final Function<String, NamespaceConstraints> demands;
    private final NamespaceServices services;
    private final InjectionMeters meters;

    /** @param demands of a namespace, by its name */
    Admission(
            Vertx vertx,
            WebhookSettings settings,
            SidecarAmbassadors cached,
            LiveAmbassadors live,
            Function<String, NamespaceConstraints> demands,
            NamespaceServices services,
            InjectionMeters meters) {
        this.vertx = vertx;
        this.workers = vertx.createSharedWorkerExecutor("ambassador-webhook", WORKERS);
        this.largeOnes = vertx.createSharedWorkerExecutor("ambassador-webhook-large", 1);
        this.settings = settings;
        this.cached = cached;
        this.live = live;
        this.demands = demands;
        this.services = services;
        this.meters = meters;
    }

    /** The body of the answer; fails with {@link BadReview}, {@link ReviewDeadline.TooLate}, or as described above. */
    Future<Buffer> answer(Buffer body, ReviewDeadline deadline) {
        long begin = System.nanoTime();
        WorkerExecutor executor = body.length() > LARGE_BYTES ? largeOnes : workers;
        return inTime(executor, deadline, () -> AdmissionReview.read(body.getBytes()))
                .compose(review -> answer(review, executor, deadline, begin));
    }

    void close() {
        workers.close();
        largeOnes.close();
    }

    /** Does not begin work after the deadline. */
    private static <T> Future<T> inTime(WorkerExecutor executor, ReviewDeadline deadline, Callable<T> work) {
        return executor.executeBlocking(
                () -> {
                    if (deadline.isOver()) {
                        throw new ReviewDeadline.TooLate();
                    }
                    return work.call();
                },
                false);
    }

    private Future<Buffer> answer(
            AdmissionReview review, WorkerExecutor executor, ReviewDeadline deadline, long begin) {
        if (!settings.isFor(review.namespace())) {
            meters.answered(OTHER_NAMESPACE, since(begin));
            return Future.succeededFuture(Buffer.buffer(review.unchanged()));
        }
        return ambassadors(review)
                .compose(ambassadors -> inTime(executor, deadline, () -> inject(review, ambassadors, begin)))
                .recover(failure -> {
                    if (failure instanceof ReviewDeadline.TooLate) {
                        return Future.failedFuture(failure);
                    }
                    meters.answered(FAILED, since(begin));
                    LOG.errorf(failure, "cannot inject a relay into %s", review.shown());
                    return review.isRequired()
                            ? Future.failedFuture(failure)
                            : Future.succeededFuture(Buffer.buffer(review.unchanged()));
                });
    }

    private Future<Collection<SidecarAmbassador>> ambassadors(AdmissionReview review) {
        Collection<SidecarAmbassador> here = cached.in(review.namespace());
        var labels = review.labels();
        if (cached.isSynced() && here.stream().anyMatch(ambassador -> ambassador.selects(labels))) {
            return Future.succeededFuture(here);
        }
        Context context = vertx.getOrCreateContext();
        return Future.fromCompletionStage(live.in(review.namespace()), context)
                .onSuccess(answer -> meters.listed("answered"))
                .recover(failure -> {
                    if (unwrapped(failure) instanceof LiveAmbassadors.TooMany) {
                        meters.listed("limited");
                        LOG.debugf("%s gets the cached links", review.shown());
                    } else {
                        meters.listed("failed");
                        LOG.warnf(
                                "%s gets the cached links, because the API server could not list more: %s",
                                review.shown(), unwrapped(failure).getMessage());
                    }
                    return Future.succeededFuture(here);
                });
    }

    private Buffer inject(AdmissionReview review, Collection<SidecarAmbassador> ambassadors, long begin) {
        String name = review.namespace();
        PodNamespace namespace =
                new PodNamespace(name, ambassadors, demands.apply(name), service -> services.ports(name, service));
        Injection injection = review.isWhole()
                ? Injection.of(review.pod(), namespace, settings.relayImage())
                : Injection.ofTooLarge(review.pod(), namespace);
        byte[] answer = review.allowed(injection.patch(), injection.warnings());
        LOG.debugf("%s: %s", review.shown(), injection.reason().word());
        meters.answered(injection.reason().word(), since(begin));
        return Buffer.buffer(answer);
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static Duration since(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
