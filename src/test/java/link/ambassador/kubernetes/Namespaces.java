package link.ambassador.kubernetes;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import org.awaitility.Awaitility;

/** Namespaces that a test has for itself. */
public final class Namespaces {
    private Namespaces() {}

    /** Makes a new namespace and returns its name, which begins with {@code prefix}. */
    public static String create(KubernetesClient kubernetes, String prefix) {
        return kubernetes
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withGenerateName(prefix + "-")
                        .endMetadata()
                        .build())
                .create()
                .getMetadata()
                .getName();
    }

    /** Makes the namespace {@code name}, or gives it these labels. */
    public static void apply(KubernetesClient kubernetes, String name, Map<String, String> labels) {
        kubernetes
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .forceConflicts()
                .serverSideApply();
    }

    /** The same on a cluster, and returns when pods are admitted there. */
    public static void applyForPods(KubernetesClient kubernetes, String name, Map<String, String> labels) {
        apply(kubernetes, name, labels);
        // The controller manager makes it a moment later, and without it no pod is admitted; an API server alone
        // does not ask for it.
        Awaitility.await()
                .until(() -> kubernetes
                                .serviceAccounts()
                                .inNamespace(name)
                                .withName("default")
                                .get()
                        != null);
    }

    /** The label that has pods of this {@code level} alone admitted. */
    public static Map<String, String> enforcing(String level) {
        return Map.of("pod-security.kubernetes.io/enforce", level);
    }
}
