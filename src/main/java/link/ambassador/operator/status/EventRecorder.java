package link.ambassador.operator.status;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Printable;
import org.jboss.logging.Logger;

/** Tells the story of an Ambassador where {@code kubectl describe} shows it. An Event that cannot be written is only logged. */
public final class EventRecorder {
    private static final Logger LOG = Logger.getLogger(EventRecorder.class);
    private static final int LONGEST_MESSAGE = 1024;

    /** Who Events say they are from. */
    public static final String COMPONENT = "ambassador-operator";

    private final KubernetesClient kubernetes;
    private final Map<String, Set<AmbassadorEvent>> standing = new ConcurrentHashMap<>();

    public EventRecorder(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    public void record(Ambassador ambassador, AmbassadorEvent story, Instant now) {
        write(
                ambassador,
                story,
                event(ambassador, story, now)
                        .editMetadata()
                        .withGenerateName(ambassador.getMetadata().getName() + ".")
                        .endMetadata()
                        .build());
    }

    /**
     * Tells of what stands, each thing once for as long as it does. Its Event is named by what it says, so that it is not
     * told again by an operator that has just started, nor by one that took over, until Kubernetes forgot it after an hour.
     *
     * @param standing all that stands for {@code ambassador} now
     */
    public void stands(Ambassador ambassador, List<AmbassadorEvent> standing, Instant now) {
        Set<AmbassadorEvent> before = this.standing.put(ambassador.getMetadata().getUid(), Set.copyOf(standing));
        standing.stream()
                .filter(story -> before == null || !before.contains(story))
                .forEach(story -> write(
                        ambassador,
                        story,
                        event(ambassador, story, now)
                                .editMetadata()
                                .withName(name(ambassador, story))
                                .endMetadata()
                                .build()));
    }

    public void retain(Predicate<String> uidLives) {
        standing.keySet().removeIf(uidLives.negate());
    }

    private void write(Ambassador ambassador, AmbassadorEvent story, Event event) {
        String name = ambassador.getMetadata().getNamespace() + "/"
                + ambassador.getMetadata().getName();
        LOG.logf(
                story.warning() ? Logger.Level.WARN : Logger.Level.INFO,
                "%s: %s: %s",
                name,
                story.reason(),
                message(story));
        try {
            kubernetes.resource(event).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                LOG.warnf(
                        "cannot write Event %s for %s: %s",
                        story.reason(), name, Printable.sentence(String.valueOf(e.getMessage())));
            }
        }
    }

    private static String message(AmbassadorEvent story) {
        return Printable.cut(Printable.line(story.message()), LONGEST_MESSAGE);
    }

    private static String name(Ambassador ambassador, AmbassadorEvent story) {
        String said = ambassador.getMetadata().getUid() + "\n" + story.reason() + "\n" + story.message();
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(said.getBytes(StandardCharsets.UTF_8));
            return ambassador.getMetadata().getName() + "." + HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static EventBuilder event(Ambassador ambassador, AmbassadorEvent story, Instant now) {
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
                .withType(story.warning() ? "Warning" : "Normal")
                .withReason(story.reason())
                .withMessage(message(story))
                .withFirstTimestamp(seconds)
                .withLastTimestamp(seconds)
                .withCount(1)
                .withNewSource()
                .withComponent(COMPONENT)
                .endSource()
                .withReportingComponent("ambassador.link/operator");
    }
}
