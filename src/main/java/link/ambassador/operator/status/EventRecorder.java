package link.ambassador.operator.status;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Printable;
import link.ambassador.config.Sha256;
import org.jboss.logging.Logger;

/** Records Events of an Ambassador, which {@code kubectl describe} shows. An Event that cannot be written is only logged. */
public final class EventRecorder {
    private static final Logger LOG = Logger.getLogger(EventRecorder.class);
    private static final int LONGEST_MESSAGE = 1024;

    /** The component that Events are from. */
    public static final String COMPONENT = "ambassador-operator";

    private final KubernetesClient kubernetes;
    private final Map<String, Set<AmbassadorEvent>> ongoing = new ConcurrentHashMap<>();

    public EventRecorder(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    public void record(Ambassador ambassador, AmbassadorEvent event, Instant now) {
        write(
                ambassador,
                event,
                toEvent(ambassador, event, now)
                        .editMetadata()
                        .withGenerateName(ambassador.getMetadata().getName() + ".")
                        .endMetadata()
                        .build());
    }

    /**
     * Records what goes on, each thing once for as long as it does. The name of its Event is a hash of what it says. So an operator
     * that has just started, or took over, does not record it again, until Kubernetes deletes the Event after an hour.
     *
     * @param ongoing everything that goes on for {@code ambassador} now
     */
    public void recordOngoing(Ambassador ambassador, List<AmbassadorEvent> ongoing, Instant now) {
        Set<AmbassadorEvent> before = this.ongoing.put(ambassador.getMetadata().getUid(), Set.copyOf(ongoing));
        ongoing.stream()
                .filter(event -> before == null || !before.contains(event))
                .forEach(event -> write(
                        ambassador,
                        event,
                        toEvent(ambassador, event, now)
                                .editMetadata()
                                .withName(name(ambassador, event))
                                .endMetadata()
                                .build()));
    }

    public void retain(Predicate<String> exists) {
        ongoing.keySet().removeIf(exists.negate());
    }

    private void write(Ambassador ambassador, AmbassadorEvent event, Event object) {
        String name = ambassador.getMetadata().getNamespace() + "/"
                + ambassador.getMetadata().getName();
        LOG.logf(
                event.warning() ? Logger.Level.WARN : Logger.Level.INFO,
                "%s: %s: %s",
                name,
                event.reason(),
                message(event));
        try {
            kubernetes.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                LOG.warnf(
                        "cannot write Event %s for %s: %s",
                        event.reason(), name, Printable.sentence(String.valueOf(e.getMessage())));
            }
        }
    }

    private static String message(AmbassadorEvent event) {
        return Printable.cut(Printable.line(event.message()), LONGEST_MESSAGE);
    }

    private static String name(Ambassador ambassador, AmbassadorEvent event) {
        String content = ambassador.getMetadata().getUid() + "\n" + event.reason() + "\n" + event.message();
        return ambassador.getMetadata().getName() + "." + Sha256.of(content, 8);
    }

    private static EventBuilder toEvent(Ambassador ambassador, AmbassadorEvent event, Instant now) {
        String seconds = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return new EventBuilder()
                .withNewMetadata()
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
                .withType(event.warning() ? "Warning" : "Normal")
                .withReason(event.reason())
                .withMessage(message(event))
                .withFirstTimestamp(seconds)
                .withLastTimestamp(seconds)
                .withCount(1)
                .withNewSource()
                .withComponent(COMPONENT)
                .endSource()
                .withReportingComponent("ambassador.link/operator");
    }
}
