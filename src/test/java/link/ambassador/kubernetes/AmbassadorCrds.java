package link.ambassador.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The committed definition of Ambassadors, and how a test's API server gets it. */
public final class AmbassadorCrds {
    private static final Path FILE = Path.of("crds/ambassadors.ambassador.link-v1.yml");

    private AmbassadorCrds() {}

    public static CustomResourceDefinition committed() {
        try {
            return Serialization.unmarshal(Files.readString(FILE), CustomResourceDefinition.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Installs the committed definition, or the same again, and returns when Ambassadors can be created. */
    public static void install(KubernetesClient kubernetes) {
        apply(kubernetes, committed());
    }

    /** Installs {@code definition} in its place. Its schema holds a moment after this returned. */
    public static void apply(KubernetesClient kubernetes, CustomResourceDefinition definition) {
        var crd = kubernetes.resource(definition);
        crd.forceConflicts().serverSideApply();
        crd.waitUntilCondition(AmbassadorCrds::established, 30, TimeUnit.SECONDS);
    }

    /**
     * Installs the committed definition where a test had another, and returns when it holds: when {@code ambassador}, which only
     * the other allowed, is refused.
     */
    public static void restore(KubernetesClient kubernetes, GenericKubernetesResource ambassador) {
        install(kubernetes);
        Awaitility.await("the committed definition").until(() -> isRefused(kubernetes, ambassador));
    }

    private static boolean isRefused(KubernetesClient kubernetes, GenericKubernetesResource ambassador) {
        try {
            kubernetes.resource(ambassador).inNamespace("default").dryRun().create();
            return false;
        } catch (KubernetesClientException refused) {
            return refused.getCode() == 422;
        }
    }

    private static boolean established(CustomResourceDefinition crd) {
        return crd != null
                && crd.getStatus() != null
                && crd.getStatus().getConditions() != null
                && crd.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True"));
    }
}
