package link.ambassador.kubernetes;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;

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
}
