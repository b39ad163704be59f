package link.ambassador.operator.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Namespaces;
import link.ambassador.model.CaBundles;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.TableOutcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the cache has of Ambassadors on a real API server, and what it calls its listeners with. */
@ExtendWith(ApiServer.class)
class AmbassadorCacheIT {
    private static final String SIDECAR =
            """
            apiVersion: ambassador.link/v1alpha1
            kind: Ambassador
            metadata: {name: %s}
            spec:
              links: [{listen: 6379, targets: [{host: redis-a, port: 6379}]}]
              placement: {sidecar: {selector: {matchLabels: {app: web}}}}
            """;
    private static final String GATEWAY =
            SIDECAR.lines().filter(line -> !line.contains("placement")).reduce("", (text, line) -> text + line + "\n");

    private record Told(Optional<SidecarAmbassador> before, Optional<SidecarAmbassador> after) {}

    private final List<Told> told = new CopyOnWriteArrayList<>();
    private KubernetesClient kubernetes;
    private String namespace;

    @BeforeEach
    void namespace(KubernetesClient client) {
        kubernetes = client;
        AmbassadorCrds.install(client);
        namespace = Namespaces.create(client, "ambassador-cache-it");
    }

    /** The operators of other tests would take them for theirs. */
    @AfterEach
    void delete() {
        kubernetes
                .genericKubernetesResources("ambassador.link/v1alpha1", "Ambassador")
                .inNamespace(namespace)
                .delete();
    }

    @Test
    void isEmptyAndNotSyncedBeforeItsStart() {
        var cache = new AmbassadorCache(kubernetes, Set.of(), CaBundles.NONE);

        assertThat(cache.isSynced()).isFalse();
        assertThat(cache.in(namespace)).isEmpty();
    }

    @Test
    void hasWhatWasThereAsSoonAsItIsSynced() {
        create(SIDECAR, "redis");
        var cache = started(Set.of());
        try {
            await().until(cache::isSynced);
            assertThat(cache.in(namespace)).extracting(SidecarAmbassador::name).containsExactly("redis");
        } finally {
            cache.stop();
        }
    }

    @Test
    void tellsOfEachChangeBeforeAndAfterAndNeverOfGateways() {
        var cache = started(Set.of());
        try {
            create(GATEWAY, "gateway");
            create(SIDECAR, "redis");
            await().until(() -> told.size() == 1);
            kubernetes
                    .resource(Serialization.unmarshal(
                            SIDECAR.formatted("redis").replace("redis-a", "redis-b"), GenericKubernetesResource.class))
                    .inNamespace(namespace)
                    .forceConflicts()
                    .serverSideApply();
            await().until(() -> told.size() == 2);
            delete();
            await().until(() -> told.size() == 3);

            assertThat(told.get(0).before()).isEmpty();
            assertThat(told.get(0).after()).map(SidecarAmbassador::name).contains("redis");
            assertThat(told.get(1).before()).isEqualTo(told.get(0).after());
            assertThat(told.get(1).after()).get().asString().contains("redis-b");
            assertThat(told.get(2)).isEqualTo(new Told(told.get(1).after(), Optional.empty()));
            assertThat(cache.in(namespace)).isEmpty();
        } finally {
            cache.stop();
        }
    }

    @Test
    void aChangeOfTheStatusAloneIsNotTold() {
        var cache = started(Set.of());
        try {
            create(SIDECAR, "redis");
            await().until(() -> told.size() == 1);
            var redis = kubernetes
                    .genericKubernetesResources("ambassador.link/v1alpha1", "Ambassador")
                    .inNamespace(namespace)
                    .withName("redis");
            redis.editStatus(stored -> {
                stored.setAdditionalProperty("status", Map.of("revision", "5f0c2a9e"));
                return stored;
            });
            create(SIDECAR, "second");
            await().until(() -> told.size() == 2);

            assertThat(told.get(1).after()).map(SidecarAmbassador::name).contains("second");
        } finally {
            cache.stop();
        }
    }

    @Test
    void keepsToItsNamespaces() {
        String other = Namespaces.create(kubernetes, "ambassador-cache-it");
        create(SIDECAR, "redis");
        var cache = started(Set.of(other));
        var both = started(Set.of(other, namespace));
        try {
            await().until(() -> cache.isSynced() && both.isSynced());

            assertThat(cache.in(namespace)).isEmpty();
            assertThat(both.in(namespace)).hasSize(1);
        } finally {
            cache.stop();
            both.stop();
        }
    }

    /** Text where this version has a number, that is no number: no reading of it as an Ambassador succeeds. */
    @Test
    void oneThatCannotBeReadHidesNoOtherAndIsKnownByItsSelector() {
        AmbassadorCrds.apply(kubernetes, withPortsAsText());
        try {
            await().ignoreException(KubernetesClientException.class)
                    .untilAsserted(() -> create(SIDECAR.replace("listen: 6379", "listen: many"), "broken"));
            create(SIDECAR.replace("listen: 6379", "listen: '6379'"), "whole");
            var cache = started(Set.of());
            try {
                await().until(cache::isSynced);
                create(SIDECAR.replace("listen: 6379", "listen: more"), "broken-too");
                create(SIDECAR.replace("listen: 6379", "listen: '6379'"), "whole-too");
                await().until(() -> cache.in(namespace).size() == 4);

                for (SidecarAmbassador ambassador : cache.in(namespace)) {
                    assertThat(ambassador.selects(Map.of("app", "web"))).isTrue();
                    if (ambassador.name().startsWith("broken")) {
                        assertThat(ambassador.outcome())
                                .isInstanceOfSatisfying(
                                        TableOutcome.Refused.class, refused -> assertThat(refused.sentence())
                                                .startsWith("it cannot be read by this version: ")
                                                .doesNotContain("\n"));
                    } else {
                        assertThat(ambassador.outcome()).isInstanceOf(TableOutcome.Table.class);
                    }
                }
            } finally {
                cache.stop();
            }
        } finally {
            delete();
            AmbassadorCrds.restore(kubernetes, resource(SIDECAR.replace("listen: 6379", "listen: many"), "broken"));
        }
    }

    private AmbassadorCache started(Set<String> namespaces) {
        var cache = new AmbassadorCache(kubernetes, namespaces, CaBundles.NONE);
        cache.listen((before, after) -> {
            if (before.or(() -> after).orElseThrow().namespace().equals(namespace)) {
                told.add(new Told(before, after));
            }
        });
        cache.start();
        return cache;
    }

    private void create(String yaml, String name) {
        kubernetes.resource(resource(yaml, name)).inNamespace(namespace).create();
    }

    private static GenericKubernetesResource resource(String yaml, String name) {
        return Serialization.unmarshal(yaml.formatted(name), GenericKubernetesResource.class);
    }

    /** The committed definition, but a link's port is text. */
    private static CustomResourceDefinition withPortsAsText() {
        CustomResourceDefinition crd = AmbassadorCrds.committed();
        JSONSchemaProps spec = crd.getSpec()
                .getVersions()
                .get(0)
                .getSchema()
                .getOpenAPIV3Schema()
                .getProperties()
                .get("spec");
        JSONSchemaProps link = spec.getProperties().get("links").getItems().getSchema();
        JSONSchemaProps listen = link.getProperties().get("listen");
        listen.setType("string");
        listen.setFormat(null);
        listen.setMinimum(null);
        listen.setMaximum(null);
        // Those that compare it with a number.
        spec.setXKubernetesValidations(null);
        listen.setXKubernetesValidations(null);
        link.setXKubernetesValidations(null);
        return crd;
    }
}
