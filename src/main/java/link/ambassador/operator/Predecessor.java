package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import link.ambassador.config.Printable;
import link.ambassador.operator.status.EventRecorder;
import org.jboss.logging.Logger;

/**
 * Reports a leader that disappeared without releasing the Lease, in the log and as an Event on the Lease. The Lease itself does not say
 * more; its pod, if it still exists, says how the process ended.
 */
final class Predecessor {
    private static final Logger LOG = Logger.getLogger(Predecessor.class);

    /** The exit code of {@code -XX:+ExitOnOutOfMemoryError}, which the image sets. */
    private static final int OUT_OF_HEAP = 3;

    private final KubernetesClient kubernetes;
    private final String namespace;

    Predecessor(KubernetesClient kubernetes, String namespace) {
        this.kubernetes = kubernetes;
        this.namespace = namespace;
    }

    /** @param identity in the Lease: the pod's name, {@code _}, and a part of the process' own */
    void didNotRelease(String identity, Instant now) {
        String pod = identity.replaceFirst("_[^_]*$", "");
        String message = Printable.line("The previous leader, " + Printable.text(pod)
                + ", ended without releasing the Lease: " + howItEnded(pod));
        LOG.warn(message);
        recordEvent(message, now);
    }

    private String howItEnded(String name) {
        try {
            return Optional.ofNullable(kubernetes
                            .pods()
                            .inNamespace(namespace)
                            .withName(name)
                            .get())
                    .map(Predecessor::howItEnded)
                    .orElse("its pod is gone, so the cause is unknown.");
        } catch (KubernetesClientException e) {
            return "the cause is unknown, because its pod cannot be read (" + e.getCode() + ").";
        }
    }

    static String howItEnded(Pod pod) {
        List<ContainerStatus> containers =
                pod.getStatus() == null ? List.of() : pod.getStatus().getContainerStatuses();
        return containers.stream()
                .flatMap(container -> Stream.of(container.getState(), container.getLastState()))
                .filter(Objects::nonNull)
                .map(ContainerState::getTerminated)
                .filter(Objects::nonNull)
                .findFirst()
                .map(Predecessor::howItEnded)
                .orElse("its container is running, so it or its node could not reach the API server for too long.");
    }

    private static String howItEnded(ContainerStateTerminated end) {
        String when = "its container ended at " + end.getFinishedAt() + " with exit code " + end.getExitCode();
        if ("OOMKilled".equals(end.getReason())) {
            return when + ", killed because it exceeded its memory limit (OOMKilled). Raise the limit.";
        }
        if (Objects.equals(end.getExitCode(), OUT_OF_HEAP)) {
            return when
                    + ": it ran out of heap. Raise the memory limit, or find out what filled it: kubectl logs --previous.";
        }
        return when + " (" + Printable.text(String.valueOf(end.getReason())) + ").";
    }

    private void recordEvent(String message, Instant now) {
        String seconds = now.truncatedTo(ChronoUnit.SECONDS).toString();
        try {
            kubernetes
                    .resource(new EventBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withGenerateName(Leadership.LEASE + ".")
                            .endMetadata()
                            .withNewInvolvedObject()
                            .withApiVersion("coordination.k8s.io/v1")
                            .withKind(new Lease().getKind())
                            .withNamespace(namespace)
                            .withName(Leadership.LEASE)
                            .endInvolvedObject()
                            .withType("Warning")
                            .withReason("LeaderLost")
                            .withMessage(message)
                            .withFirstTimestamp(seconds)
                            .withLastTimestamp(seconds)
                            .withCount(1)
                            .withNewSource()
                            .withComponent(EventRecorder.COMPONENT)
                            .endSource()
                            .withReportingComponent("ambassador.link/operator")
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            LOG.warnf(
                    "cannot write an Event on the Lease %s: %s",
                    Leadership.LEASE, Printable.sentence(String.valueOf(e.getMessage())));
        }
    }
}
