package link.ambassador.operator.sidecar;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import link.ambassador.model.PodSelector;
import org.jboss.logging.Logger;

/**
 * Whether the API server calls the webhook for the pods of a namespace; a label of the namespace can disable that. The API server is
 * asked when pods lack a relay, and its answer is kept for half a minute. Callable from any thread; waits for the API server.
 */
final class InjectedNamespaces {
    private static final Logger LOG = Logger.getLogger(InjectedNamespaces.class);
    private static final Duration KEPT = Duration.ofSeconds(30);

    /** The name in kubernetes/install. */
    private static final String CONFIGURATION = "ambassador-webhook";

    private record Answer(boolean disabled, long at) {}

    private final KubernetesClient kubernetes;
    private final LongSupplier nanoTime;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    /** @param nanoTime as {@link System#nanoTime} */
    InjectedNamespaces(KubernetesClient kubernetes, LongSupplier nanoTime) {
        this.kubernetes = kubernetes;
        this.nanoTime = nanoTime;
    }

    /** Also false when the API server does not answer. */
    boolean isDisabled(String namespace) {
        long now = nanoTime.getAsLong();
        answers.values().removeIf(answer -> now - answer.at() > KEPT.toNanos());
        return answers.computeIfAbsent(namespace, name -> new Answer(ask(name), now))
                .disabled();
    }

    private boolean ask(String name) {
        try {
            MutatingWebhookConfiguration configuration = kubernetes
                    .admissionRegistration()
                    .v1()
                    .mutatingWebhookConfigurations()
                    .withName(CONFIGURATION)
                    .get();
            Namespace namespace = kubernetes.namespaces().withName(name).get();
            return configuration != null
                    && namespace != null
                    && configuration.getWebhooks().stream().noneMatch(webhook -> isFor(webhook, namespace));
        } catch (KubernetesClientException e) {
            LOG.debugf("cannot read whether namespace %s allows injection: %s", name, e.getMessage());
            return false;
        }
    }

    private static boolean isFor(MutatingWebhook webhook, Namespace namespace) {
        PodSelector selector = PodSelector.of(webhook.getNamespaceSelector());
        boolean all = selector.labels().isEmpty() && selector.expressions().isEmpty();
        return all
                || selector.matches(
                        Objects.requireNonNullElse(namespace.getMetadata().getLabels(), Map.of()));
    }
}
