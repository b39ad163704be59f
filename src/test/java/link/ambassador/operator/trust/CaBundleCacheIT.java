package link.ambassador.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Namespaces;
import link.ambassador.model.CaBundle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ApiServer.class)
class CaBundleCacheIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final List<String> changed = new CopyOnWriteArrayList<>();
    private KubernetesClient kubernetes;
    private String namespace;
    private CaBundleCache cache;

    @BeforeEach
    void cache(KubernetesClient client) {
        kubernetes = client;
        namespace = Namespaces.create(client, "ca-bundles-it");
        cache = new CaBundleCache(client);
        cache.listen((where, name) -> changed.add(name));
    }

    @AfterEach
    void stop() {
        cache.stop();
    }

    @Test
    void aConfigMapIsFollowedFromItsFirstMentionOn() throws IOException {
        kubernetes.resource(configMap("company-ca", "ca-a")).create();
        // Pending, unless the API server has answered already.
        assertThat(cache.in(namespace, "company-ca")).isNotInstanceOf(CaBundle.Unusable.class);
        await().atMost(SOON).until(() -> changed.contains("company-ca"));
        CaBundle first = cache.in(namespace, "company-ca");
        assertThat(first).isInstanceOf(CaBundle.Known.class);

        kubernetes.resource(configMap("company-ca", "ca-b")).update();
        await().atMost(SOON)
                .until(
                        () -> cache.in(namespace, "company-ca"),
                        now -> now instanceof CaBundle.Known && !now.equals(first));

        kubernetes.resource(configMap("company-ca", "ca-b")).delete();
        await().atMost(SOON).until(() -> cache.in(namespace, "company-ca"), CaBundle.Unusable.class::isInstance);
    }

    @Test
    void oneConfigMapMoreThanANamespaceMayNameIsToldAndOthersAreServed() {
        for (int i = 0; i < CaBundleCache.MOST_OF_A_NAMESPACE; i++) {
            assertThat(isRead("ca-" + i)).isTrue();
        }

        assertThat(cache.in(namespace, "one-more"))
                .isInstanceOfSatisfying(CaBundle.Unusable.class, unusable -> assertThat(unusable.sentence())
                        .contains("ConfigMap one-more is not read", "at most 16"));
        assertThat(isRead("default", "one-more")).isTrue();

        // Names that no Ambassador names any more make room.
        cache.retain((where, name) -> name.equals("ca-0"));
        assertThat(isRead("one-more")).isTrue();
    }

    private boolean isRead(String name) {
        return isRead(namespace, name);
    }

    /** There is no such ConfigMap, which the API server may have said already. */
    private boolean isRead(String where, String name) {
        return !(cache.in(where, name) instanceof CaBundle.Unusable unusable)
                || !unusable.sentence().contains("is not read");
    }

    private ConfigMap configMap(String name, String pem) throws IOException {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withData(Map.of("ca.crt", Files.readString(Path.of("src/test/resources/tls/" + pem + ".pem"))))
                .build();
    }
}
