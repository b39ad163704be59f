package link.ambassador.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.TreeMap;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The API server is the oracle of how it writes a quantity. */
@ExtendWith(ApiServer.class)
class CanonicalQuantityIT {
    private static final String NAMESPACE = "canonical-quantity-it";

    private final KubernetesClient kubernetes;

    CanonicalQuantityIT(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    @BeforeAll
    static void namespace(KubernetesClient kubernetes) {
        Namespaces.apply(kubernetes, NAMESPACE, Map.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0", "0.0", "1", "10", "100", "1000", "1500", "12000", "0.25", "0.5", "1.50", "2000m", "250m", "1500m",
                "0.0001", "100u", "1000k", "1.5M", "2G", "3T", "1e3", "1.5e3", "12e5", "1E3", "512Mi", "1024Mi",
                "0.5Gi", "1.5Gi", "1Ki", "1025Ki", "2048", "0.5Ki", "3Ti", "100Mi"
            })
    void aQuantityIsWrittenAsTheServerWritesIt(String text) {
        Ambassador ambassador = GatewayCase.named("smallest").ambassador();
        ambassador.getMetadata().setNamespace(NAMESPACE);
        var deployment = GatewayCase.objects(ambassador).deployment();
        var container =
                deployment.getSpec().getTemplate().getSpec().getContainers().get(0);
        container.getResources().setLimits(null);
        container.getResources().setRequests(new TreeMap<>(Map.of("memory", new Quantity(text))));

        var stored = kubernetes.resource(deployment).dryRun().create();

        assertThat(CanonicalQuantity.of(new Quantity(text)))
                .hasToString(stored.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .get(0)
                        .getResources()
                        .getRequests()
                        .get("memory")
                        .toString());
    }
}
