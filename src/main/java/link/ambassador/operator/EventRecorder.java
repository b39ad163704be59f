package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.operator.status.Story;
import org.jboss.logging.Logger;

/** Tells the story of an Ambassador where {@code kubectl describe} shows it. An Event that cannot be written is only logged. */
final class EventRecorder {
    private static final Logger LOG = Logger.getLogger(EventRecorder.class);
    private static final int LONGEST_MESSAGE = 1024;

    private final KubernetesClient kubernetes;

    EventRecorder(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    void record(Ambassador ambassador, Story story, Instant now) {
        String name = ambassador.getMetadata().getNamespace() + "/"
                + ambassador.getMetadata().getName();
        LOG.logf(
                story.warning() ? Logger.Level.WARN : Logger.Level.INFO,
                "%s: %s: %s",
                name,
                story.reason(),
                story.message());
        try {
            kubernetes.resource(event(ambassador, story, now)).create();
        } catch (KubernetesClientException e) {
            LOG.warnf("no Event %s for %s: %s", story.reason(), name, e.getMessage());
        }
    }

    private static Event event(Ambassador ambassador, Story story, Instant now) {
        String seconds = now.truncatedTo(ChronoUnit.SECONDS).toString();
        String message = story.message();
        return new EventBuilder()
                .withNewMetadata()
                .withGenerateName(ambassador.getMetadata().getName() + ".")
                .withNamespace(ambassador.getMetadata().getNamespace())
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(ambassador.getApiVersion())
                .withKind(ambassador.getKind())
                .withNamespace(ambassador.getMetadata().getNamespace())
                .withName(ambassador.getMetadata().getName())
                .withUid(ambassador.getMetadata().getUid())
                .withResourceVersion(ambassador.getMetadata().getResourceVersion())
                .endInvolvedObject()
                .withType(story.warning() ? "Warning" : "Normal")
                .withReason(story.reason())
                .withMessage(message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE))
                .withFirstTimestamp(seconds)
                .withLastTimestamp(seconds)
                .withCount(1)
                .withNewSource()
                .withComponent(OwnedObjects.FIELD_MANAGER)
                .endSource()
                .withReportingComponent("ambassador.link/operator")
                .build();
    }
}
