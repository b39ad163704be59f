package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import link.ambassador.config.Annotations;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;
import link.ambassador.config.RelayEnvironment;

/**
 * Plays the webhook and the kubelet for pods with sidecars: creates pods with a sidecar and the label {@code app}, and copies the pod's
 * annotation to the relay's file whenever it changed, as the downward API does.
 */
final class FakeSidecars extends FakeNode<FakeSidecars.SidecarPod> {
    private static final String NO_LINKS = "{\"links\":[]}";

    FakeSidecars(KubernetesClient kubernetes, GatewayNamespace namespace, Path directory) {
        super(kubernetes, namespace, directory);
    }

    SidecarPod run(String app) {
        return run(app, NO_LINKS);
    }

    /** A pod whose relay answers, injected with {@code links} as its annotation; it runs when this returns. */
    SidecarPod run(String app, String links) {
        return run(app, nextName(app), links, "");
    }

    /** A pod whose hosts file gives {@code names}, separated by commas, to its relay. */
    SidecarPod runNamed(String app, String names) {
        return run(app, nextName(app), NO_LINKS, names);
    }

    /** A pod of this name. */
    SidecarPod runAs(String name, String app) {
        return run(app, name, NO_LINKS, "");
    }

    private SidecarPod run(String app, String name, String links, String names) {
        SidecarPod pod = create(app, name, links, names);
        pod.changed(Map.of(Annotations.LINKS, links));
        pod.startRelay();
        pod.reportReady(
                """
                , "initContainerStatuses": [{"name": "%s", "ready": true, "started": true, "restartCount": 0,
                 "image": "", "imageID": "", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]"""
                        .formatted(RelayEnvironment.SIDECAR_CONTAINER));
        return pod;
    }

    /** A pod with a sidecar that does not run yet. */
    void runSilent(String app) {
        create(app, nextName(app), NO_LINKS, "");
    }

    /** A pod that was created without a relay. */
    void runBare(String app, String name) {
        kubernetes.resource(pod(app, name).build()).create();
    }

    private SidecarPod create(String app, String name, String links, String names) {
        SidecarPod pod = new SidecarPod(name);
        return add(
                pod,
                pod(app, pod.name())
                        .editMetadata()
                        .withAnnotations(Map.of(
                                Annotations.LINKS,
                                links,
                                Annotations.INJECTED,
                                "",
                                Annotations.RELAY_FEATURES,
                                Feature.words(EnumSet.allOf(Feature.class))))
                        .endMetadata()
                        .editSpec()
                        .addNewInitContainer()
                        .withName(RelayEnvironment.SIDECAR_CONTAINER)
                        .withImage("example.com/ambassador:test")
                        .withRestartPolicy("Always")
                        .addNewEnv()
                        .withName(RelayEnvironment.ALIASES)
                        .withValue(names)
                        .endEnv()
                        .endInitContainer()
                        .endSpec()
                        .build());
    }

    private PodBuilder pod(String app, String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withLabels(Map.of("app", app))
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("app")
                .withImage("example.com/app:test")
                .endContainer()
                .endSpec();
    }

    /** A pod of a consumer. */
    final class SidecarPod extends FakeNode<SidecarPod>.FakePod {
        private String links;

        private SidecarPod(String name) {
            super(name);
        }

        /** The links in its annotation, as {@code alias:port>host}. */
        List<String> links() {
            String text = annotation(Annotations.LINKS);
            return LinkTableReader.read(text.getBytes(StandardCharsets.UTF_8)) instanceof ParseResult.Accepted read
                    ? read.table().links().stream().map(FakeSidecars::shown).toList()
                    : List.of(text);
        }

        @Override
        synchronized void changed(Map<String, String> annotations) {
            String now = annotations.getOrDefault(Annotations.LINKS, "");
            if (!now.equals(links)) {
                links = now;
                write(now);
            }
        }
    }

    private static String shown(Link link) {
        return link.alias() + ":" + link.listen() + ">" + link.targets().get(0).host();
    }
}
