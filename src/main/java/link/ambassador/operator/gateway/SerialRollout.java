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
 * Lets one gateway at a time roll to another image of the relay, so that a bad one stops at the first. Whoever has the turn
 * keeps it until its Deployment is through, gave up, was paused, or is gone, and for {@link #LONGEST} at most: whoever may
 * edit a Deployment must not hold up the gateways of others. Callable from any thread.
 */
public final class SerialRollout {
    private static final Logger LOG = Logger.getLogger(SerialRollout.class);

    /** As long as Kubernetes gives a Deployment by default before it says that it gave up. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    /** A turn that lasts longer is told of. */
    static final Duration SLOW = Duration.ofMinutes(1);

    private final Predicate<ResourceID> lives;
    private final LongSupplier nanoTime;
    private ResourceID holder;
    private long takenAt;
    private boolean told;

    /** @param nanoTime as {@link System#nanoTime} */
    public SerialRollout(Predicate<ResourceID> lives, LongSupplier nanoTime) {
        this.lives = lives;
        this.nanoTime = nanoTime;
    }

    /**
     * Whether this gateway may roll now; if so it has the turn. One that is paused takes none: it would not roll.
     *
     * @param deployment as it is, with the image that it had
     */
    synchronized boolean take(ResourceID gateway, Deployment deployment) {
        if (isPaused(deployment)) {
            return false;
        }
        Duration held = held();
        if (holder != null && !holder.equals(gateway) && lives.test(holder) && held.compareTo(LONGEST) < 0) {
            if (!told && held.compareTo(SLOW) >= 0) {
                told = true;
                LOG.warnf(
                        "gateway %s has had the turn to roll to another image for %d s; the others wait, for %d s at most",
                        shown(holder), held.toSeconds(), LONGEST.toSeconds());
            }
            return false;
        }
        if (!gateway.equals(holder)) {
            if (holder != null && lives.test(holder)) {
                LOG.warnf(
                        "gateway %s lost the turn to roll to another image after %d s",
                        shown(holder), held.toSeconds());
            }
            holder = gateway;
            takenAt = nanoTime.getAsLong();
            told = false;
        }
        return true;
    }

    /** Passes the turn on if this gateway has it and {@code deployment} is done with its latest rollout, or goes on with none. */
    synchronized void passOn(ResourceID gateway, Deployment deployment) {
        if (gateway.equals(holder) && (isOver(deployment) || isPaused(deployment))) {
            holder = null;
        }
    }

    /** Who keeps the others waiting for longer than {@link #SLOW}; empty when nobody does. */
    synchronized Optional<ResourceID> slowHolder() {
        return Optional.ofNullable(holder).filter(gateway -> held().compareTo(SLOW) >= 0);
    }

    private Duration held() {
        return holder == null ? Duration.ZERO : Duration.ofNanos(nanoTime.getAsLong() - takenAt);
    }

    private static String shown(ResourceID gateway) {
        return gateway.getNamespace().orElse("") + "/" + gateway.getName();
    }

    /** Kubernetes rolls nothing then. */
    static boolean isPaused(Deployment deployment) {
        return Boolean.TRUE.equals(deployment.getSpec().getPaused());
    }

    /** Whether all pods are of the latest template and available, or the Deployment gave up. */
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
