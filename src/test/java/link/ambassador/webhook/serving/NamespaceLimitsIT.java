package link.ambassador.webhook.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Set;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the caches have of a namespace's quotas and limit ranges. */
@ExtendWith(ApiServer.class)
class NamespaceLimitsIT {
    @Test
    void aQuotaThatComesAndGoesIsDemandedMeanwhile(KubernetesClient kubernetes) {
        String namespace = Namespaces.create(kubernetes, "namespace-limits-it");
        NamespaceLimits limits = new NamespaceLimits(kubernetes, Set.of());
        assertThat(limits.isSynced()).isFalse();
        limits.start();
        try {
            await().until(limits::isSynced);
            assertThat(limits.of(namespace).quotas()).isEmpty();

            var quota = kubernetes
                    .resource(new ResourceQuotaBuilder()
                            .withNewMetadata()
                            .withName("cpu")
                            .endMetadata()
                            .withNewSpec()
                            .withHard(Map.of("limits.cpu", new Quantity("4")))
                            .endSpec()
                            .build())
                    .inNamespace(namespace);
            quota.create();
            await().until(() -> !limits.of(namespace).quotas().isEmpty());
            quota.delete();
            await().until(() -> limits.of(namespace).quotas().isEmpty());
        } finally {
            limits.stop();
        }
    }

    @Test
    void onlyTheNamespacesThatItIsForAreLookedAt(KubernetesClient kubernetes) {
        String one = Namespaces.create(kubernetes, "namespace-limits-it");
        String other = Namespaces.create(kubernetes, "namespace-limits-it");
        for (String namespace : Set.of(one, other)) {
            kubernetes
                    .resource(new LimitRangeBuilder()
                            .withNewMetadata()
                            .withName("cpu")
                            .endMetadata()
                            .withNewSpec()
                            .addNewLimit()
                            .withType("Container")
                            .withMax(Map.of("cpu", new Quantity("1")))
                            .endLimit()
                            .endSpec()
                            .build())
                    .inNamespace(namespace)
                    .create();
        }
        NamespaceLimits limits = new NamespaceLimits(kubernetes, Set.of(one));
        limits.start();
        try {
            await().until(limits::isSynced);
            assertThat(limits.of(one).cpuLimit()).isTrue();
            assertThat(limits.of(other).cpuLimit()).isFalse();
        } finally {
            limits.stop();
        }
    }
}
