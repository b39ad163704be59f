package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Lets one gateway at a time roll to another image of the relay, so that a bad image stops at the first gateway. The gateway that has
 * the turn keeps it until its Deployment is complete, failed, paused or gone, and for at most {@link #LONGEST}: someone who can edit one
 * Deployment must not block the gateways of others. Callable from any thread.
 */
public final class SerialRollout {
    private static final Logger LOG = Logger.getLogger(SerialRollout.class);

    /** The default time after which Kubernetes reports that a Deployment fails to progress. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    /** A longer turn is reported. */
    static final Duration SLOW = Duration.ofMinutes(1);

    private final Predicate<ResourceID> exists;
    private final LongSupplier nanoTime;
    private ResourceID holder;
    private long takenAt;
    private boolean reported;

    /** @param nanoTime as {@link System#nanoTime} */
    public SerialRollout(Predicate<ResourceID> exists, LongSupplier nanoTime) {
        this.exists = exists;
        this.nanoTime = nanoTime;
    }

    /**
     * Whether this gateway may roll now; if so it has the turn. A paused Deployment gets no turn, because it would not roll.
     *
     * @param deployment as it is now, with its old image
     */
    synchronized boolean take(ResourceID gateway, Deployment deployment) {
        if (isPaused(deployment)) {
            return false;
        }
        Duration held = held();
        if (holder != null && !holder.equals(gateway) && exists.test(holder) && held.compareTo(LONGEST) < 0) {
            if (!reported && held.compareTo(SLOW) >= 0) {
                reported = true;
                LOG.warnf(
                        "gateway %s has had the turn to roll to another image for %d s; the others wait, for %d s at most",
                        shown(holder), held.toSeconds(), LONGEST.toSeconds());
            }
            return false;
        }
        if (!gateway.equals(holder)) {
            if (holder != null && exists.test(holder)) {
                LOG.warnf(
                        "gateway %s lost the turn to roll to another image after %d s",
                        shown(holder), held.toSeconds());
            }
            holder = gateway;
            takenAt = nanoTime.getAsLong();
            reported = false;
        }
        return true;
    }

    /** Ends the turn of this gateway, if it has it, when {@code deployment} has completed its rollout or is paused. */
    synchronized void passOn(ResourceID gateway, Deployment deployment) {
        if (gateway.equals(holder) && (isOver(deployment) || isPaused(deployment))) {
            holder = null;
        }
    }

    /** The gateway that has had the turn for longer than {@link #SLOW}; empty when there is none. */
    synchronized Optional<ResourceID> slowHolder() {
        return Optional.ofNullable(holder).filter(gateway -> held().compareTo(SLOW) >= 0);
    }

    private Duration held() {
        return holder == null ? Duration.ZERO : Duration.ofNanos(nanoTime.getAsLong() - takenAt);
    }

    private static String shown(ResourceID gateway) {
        return gateway.getNamespace().orElse("") + "/" + gateway.getName();
    }

    /** Kubernetes does not roll a paused Deployment. */
    static boolean isPaused(Deployment deployment) {
        return Boolean.TRUE.equals(deployment.getSpec().getPaused());
    }

    /** Whether all pods have the latest template and are available, or the rollout failed. */
    public static boolean isOver(Deployment deployment) {
        DeploymentStatus status = deployment.getStatus();
        if (status == null
                || status.getObservedGeneration() == null
                || status.getObservedGeneration() < deployment.getMetadata().getGeneration()) {
            return false;
        }
        List<DeploymentCondition> conditions = status.getConditions() == null ? List.of() : status.getConditions();
        boolean gaveUp =
                conditions.stream().anyMatch(condition -> "ProgressDeadlineExceeded".equals(condition.getReason()));
        Integer wanted = deployment.getSpec().getReplicas();
        return gaveUp
                || (number(status.getReplicas()) == number(wanted)
                        && number(status.getUpdatedReplicas()) == number(wanted)
                        && number(status.getAvailableReplicas()) == number(wanted));
    }

    private static int number(Integer count) {
        return Objects.requireNonNullElse(count, 0);
    }
}
