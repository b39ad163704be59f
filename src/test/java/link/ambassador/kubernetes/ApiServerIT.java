package link.ambassador.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ApiServer.class)
class ApiServerIT {
    private static final String NAMESPACE = "api-server-it";

    @BeforeAll
    static void namespace(KubernetesClient kubernetes) {
        Namespaces.apply(kubernetes, NAMESPACE, Map.of());
    }

    @Test
    void appliesOnTheServerSideAndKeepsTheFieldsOfOthers(KubernetesClient kubernetes) {
        apply(kubernetes, "somebody", Map.of("theirs", "1"));
        apply(kubernetes, "ambassador", Map.of("ours", "2"));

        var found =
                kubernetes.configMaps().inNamespace(NAMESPACE).withName("links").get();
        assertThat(found.getData()).isEqualTo(Map.of("theirs", "1", "ours", "2"));
        assertThat(found.getMetadata().getManagedFields())
                .extracting(entry -> entry.getManager() + " " + entry.getOperation())
                .containsExactlyInAnyOrder("somebody Apply", "ambassador Apply");
    }

    @Test
    void isTheOneServerOfTheRun(KubernetesClient one, KubernetesClient another) {
        assertThat(one).isSameAs(another);
    }

    private static void apply(KubernetesClient kubernetes, String manager, Map<String, String> data) {
        var map = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("links")
                .endMetadata()
                .withData(data)
                .build();
        kubernetes.resource(map).inNamespace(NAMESPACE).fieldManager(manager).serverSideApply();
    }
}
