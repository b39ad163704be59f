package link.ambassador.operator;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.RolloutStatus;
import link.ambassador.config.Printable;
import link.ambassador.model.DesiredHold;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.StagedTargets;
import link.ambassador.operator.gateway.GoingNamespace;
import link.ambassador.operator.history.RetargetHistory;
import link.ambassador.operator.status.Acceptance;
import link.ambassador.operator.status.AmbassadorEvent;
import link.ambassador.operator.status.EventRecorder;
import link.ambassador.operator.status.FailoverEvents;
import link.ambassador.operator.status.ObservedState;
import link.ambassador.operator.status.Rollout;
import link.ambassador.operator.status.StatusFactory;
import link.ambassador.operator.status.StatusWriteLimiter;
import org.jboss.logging.Logger;

/** Reports what a reconcile observed, as status and Events, and says when to reconcile again. Callable from any thread. */
final class StatusReporter {
    private static final Logger LOG = Logger.getLogger(StatusReporter.class);

    /** How soon to check whether the obstacle is gone: no watch covers objects of others. */
    static final Duration NOT_ACCEPTED = Duration.ofSeconds(5);

    /** How soon to check whether the namespace wants relays: no watch covers namespaces. */
    private static final Duration NAMESPACE_LABEL = Duration.ofMinutes(1);

    /**
     * How soon to reconcile again after the write of a status that tables follow: they have a hold, or the targets of a step, only when
     * that is stored, and no watch tells of the operator's own writes.
     */
    private static final Duration STATUS_IS_STORED = Duration.ofMillis(10);

    private static final Duration ROLLOUT_TURN = Duration.ofSeconds(1);

    /** How soon to remember a retarget that could not be remembered. */
    private static final Duration HISTORY = Duration.ofSeconds(10);

    private final EventRecorder events;
    private final RetargetHistory history;
    private final Attempts attempts;
    private final OperatorMeters meters;
    private final StatusWriteLimiter statuses = new StatusWriteLimiter();
    private final FailoverEvents failovers = new FailoverEvents();

    /** The Ambassadors, by uid, whose latest retarget could not be remembered. */
    private final Set<String> unremembered = ConcurrentHashMap.newKeySet();

    StatusReporter(EventRecorder events, RetargetHistory history, Attempts attempts, OperatorMeters meters) {
        this.events = events;
        this.history = history;
        this.attempts = attempts;
        this.meters = meters;
    }

    /** Events and what is new of retargets are written at once, the status within its limits. */
    UpdateControl<Ambassador> report(Ambassador ambassador, ObservedState observed) {
        AmbassadorStatus before = statuses.latest(ambassador);
        Optional<RolloutStatus> rollout =
                Rollout.next(ambassador, observed, Optional.ofNullable(before).map(AmbassadorStatus::rollout));
        AmbassadorStatus status =
                StatusFactory.of(observed, before, rollout, () -> history.formerTargets(ambassador, observed.tables()));
        Optional<Duration> write =
                statuses.keep(ambassador, status, observed.reconcile().now());
        AmbassadorEvent.between(before, status)
                .forEach(event ->
                        events.record(ambassador, event, observed.reconcile().now()));
        failovers
                .next(
                        ambassador.getMetadata().getUid(),
                        before,
                        status,
                        observed.reconcile().now())
                .ifPresent(event ->
                        events.record(ambassador, event, observed.reconcile().now()));
        events.recordOngoing(
                ambassador, observed.ongoingEvents(), observed.reconcile().now());
        AmbassadorEvent.convergedIn(before, status).ifPresent(meters::converged);

        UpdateControl<Ambassador> control = write.filter(Duration::isZero).isPresent()
                ? UpdateControl.patchStatus(statusOf(ambassador, status))
                : UpdateControl.noUpdate();
        List<Duration> waits = new ArrayList<>();
        againAfter(ambassador, observed, status, write).ifPresent(waits::add);
        rollout.flatMap(now -> Rollout.changesAfter(
                        ambassador, now, observed.reconcile().now()))
                .ifPresent(waits::add);
        if (!remember(ambassador, observed, status)) {
            waits.add(HISTORY);
        }
        waits.stream().min(Comparator.naturalOrder()).ifPresent(control::rescheduleAfter);
        return control;
    }

    /** Whether the history is complete. A retarget takes place also when nobody can remember it. */
    private boolean remember(Ambassador ambassador, ObservedState observed, AmbassadorStatus status) {
        try {
            history.remember(ambassador, observed, status);
            unremembered.remove(ambassador.getMetadata().getUid());
            return true;
        } catch (KubernetesClientException e) {
            boolean told = !unremembered.add(ambassador.getMetadata().getUid()) || GoingNamespace.isCauseOf(e);
            LOG.logf(
                    told ? Logger.Level.DEBUG : Logger.Level.WARN,
                    "cannot remember the latest retarget of %s/%s, retrying every %d s: %s",
                    ambassador.getMetadata().getNamespace(),
                    ambassador.getMetadata().getName(),
                    HISTORY.toSeconds(),
                    Printable.sentence(StartFailure.root(e)));
            return false;
        }
    }

    /** The shortest of the waits. */
    private Optional<Duration> againAfter(
            Ambassador ambassador, ObservedState observed, AmbassadorStatus status, Optional<Duration> write) {
        List<Duration> waits = new ArrayList<>();
        write.filter(wait -> !wait.isZero()).ifPresent(waits::add);
        if (write.filter(Duration::isZero).isPresent()
                && (startsHold(ambassador, status) || StagedTargets.areOthers(ambassador.getStatus(), status))) {
            waits.add(STATUS_IS_STORED);
        }
        StatusFactory.changesAfter(observed, status).ifPresent(waits::add);
        failovers
                .after(ambassador.getMetadata().getUid(), observed.reconcile().now())
                .ifPresent(waits::add);
        tryAgain(ambassador, observed.acceptance()).ifPresent(waits::add);
        if (observed.waitsForRollout()) {
            waits.add(ROLLOUT_TURN);
        }
        if (lacksRelays(observed)) {
            waits.add(NAMESPACE_LABEL);
        }
        return waits.stream().min(Comparator.naturalOrder());
    }

    private static boolean startsHold(Ambassador ambassador, AmbassadorStatus status) {
        Optional<Instant> start = DesiredHold.startedAt(status);
        return start.isPresent() && !start.equals(DesiredHold.startedAt(ambassador.getStatus()));
    }

    private static boolean lacksRelays(ObservedState observed) {
        return observed.restartNeeded().filter(ObservedState.Restart::unserved).isPresent()
                || observed.ongoing().stream()
                        .anyMatch(event -> event.reason().equals(InjectionReason.NAMESPACE_DISABLED.word()));
    }

    private Optional<Duration> tryAgain(Ambassador ambassador, Acceptance acceptance) {
        String uid = ambassador.getMetadata().getUid();
        if (acceptance.reason() == ConditionReason.REFUSED) {
            return Optional.of(attempts.failed(uid));
        }
        attempts.succeeded(uid);
        return acceptance.isAccepted() ? Optional.empty() : Optional.of(NOT_ACCEPTED);
    }

    /** The status alone: the spec may have been edited meanwhile, and must not be written back. */
    private static Ambassador statusOf(Ambassador ambassador, AmbassadorStatus status) {
        Ambassador patch = new Ambassador();
        patch.getMetadata().setNamespace(ambassador.getMetadata().getNamespace());
        patch.getMetadata().setName(ambassador.getMetadata().getName());
        patch.getMetadata().setUid(ambassador.getMetadata().getUid());
        patch.setStatus(status);
        return patch;
    }

    /** Forgets deleted Ambassadors. */
    void retain(Predicate<String> exists) {
        statuses.retain(exists);
        failovers.retain(exists);
        events.retain(exists);
        unremembered.removeIf(exists.negate());
    }
}
