package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.TestProcess;
import link.ambassador.config.Annotations;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.relay.PodRelay;

/**
 * Plays the webhook and the kubelet for pods with sidecars, where only an API server runs: makes a pod of the label
 * {@code app} with a sidecar, gives it an address on the loopback and a relay there, and copies the pod's annotation to the
 * relay's file whenever it changed, as the downward API does.
 */
final class FakeSidecars implements Closeable {
    private static final AtomicInteger ADDRESSES = new AtomicInteger();
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final PatchContext MERGE =
            new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();

    private static final String NO_LINKS = "{\"links\":[]}";

    private final KubernetesClient kubernetes;
    private final String namespace;
    private final Path directory;
    private final Map<String, FakePod> pods = new ConcurrentHashMap<>();
    private final Watch watch;

    /** @param directory an empty one, for the files of the relays */
    FakeSidecars(KubernetesClient kubernetes, GatewayNamespace namespace, Path directory) {
        this.kubernetes = kubernetes;
        this.namespace = namespace.name();
        this.directory = directory;
        this.watch = kubernetes.pods().inNamespace(this.namespace).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Pod pod) {
                FakePod played = pods.get(pod.getMetadata().getName());
                if (played != null && action == Action.MODIFIED) {
                    played.sees(pod);
                }
            }

            @Override
            public void onClose(WatcherException cause) {}
        });
    }

    /** A pod whose relay answers, born with {@code links} as its annotation; it runs when this returns. */
    FakePod run(String app, String links) {
        return run(app, links, "");
    }

    /** A pod whose hosts file gives {@code names}, separated by commas, to its relay. */
    FakePod runNamed(String app, String names) {
        return run(app, NO_LINKS, names);
    }

    private FakePod run(String app, String links, String names) {
        return run(app, nextName(app), links, names);
    }

    private FakePod run(String app, String name, String links, String names) {
        FakePod pod = create(app, name, Map.of(Annotations.LINKS, links, Annotations.INJECTED, ""), names);
        pod.write(links);
        pod.relay = PodRelay.start(pod.address, pod.file);
        pod.started();
        return pod;
    }

    FakePod run(String app) {
        return run(app, NO_LINKS);
    }

    /** A pod of this name. */
    FakePod runAs(String name, String app) {
        return run(app, name, NO_LINKS, "");
    }

    /** A pod with a sidecar that nobody runs yet. */
    void runSilent(String app) {
        create(app, nextName(app), Map.of(Annotations.LINKS, NO_LINKS, Annotations.INJECTED, ""), "");
    }

    /** A pod that was created without a relay. */
    void runBare(String app, String name) {
        kubernetes.resource(pod(app, name).build()).create();
    }

    private static String nextName(String app) {
        return app + "-" + NAMES.incrementAndGet();
    }

    private FakePod create(String app, String name, Map<String, String> annotations, String names) {
        int number = ADDRESSES.incrementAndGet();
        FakePod pod = new FakePod(
                name,
                "127." + (2 + 2 * TestProcess.number()) + "." + number / 250 + "." + (1 + number % 250),
                directory.resolve(Integer.toString(number)));
        pods.put(name, pod);
        kubernetes
                .resource(pod(app, name)
                        .editMetadata()
                        .withAnnotations(annotations)
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
                        .build())
                .create();
        return pod;
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

    @Override
    public void close() {
        watch.close();
        pods.values().forEach(FakePod::end);
    }

    /** A pod of a consumer, as its node runs it. */
    final class FakePod {
        private final String name;
        private final String address;
        private final Path file;
        private String links = "";
        private boolean ended;
        private PodRelay relay;

        private FakePod(String name, String address, Path file) {
            this.name = name;
            this.address = address;
            this.file = file;
        }

        String name() {
            return name;
        }

        String address() {
            return address;
        }

        /** What its annotation says, as {@code alias:port>host}. */
        List<String> links() {
            String text = annotation(Annotations.LINKS);
            return LinkTableReader.read(text.getBytes(StandardCharsets.UTF_8)) instanceof ParseResult.Accepted read
                    ? read.table().links().stream().map(FakeSidecars::shown).toList()
                    : List.of(text);
        }

        /** Empty when it has none. */
        String annotation(String key) {
            Map<String, String> annotations = kubernetes
                    .pods()
                    .inNamespace(namespace)
                    .withName(name)
                    .get()
                    .getMetadata()
                    .getAnnotations();
            return annotations == null ? "" : annotations.getOrDefault(key, "");
        }

        /** As a person edits it. */
        void annotate(String key, String value) {
            Map<String, String> annotations = new HashMap<>();
            annotations.put(key, value);
            patch("{\"metadata\": {\"annotations\": " + Serialization.asJson(annotations) + "}}");
        }

        void label(String key, String value) {
            patch("{\"metadata\": {\"labels\": {\"" + key + "\": \"" + value + "\"}}}");
        }

        String version() {
            return kubernetes
                    .pods()
                    .inNamespace(namespace)
                    .withName(name)
                    .get()
                    .getMetadata()
                    .getResourceVersion();
        }

        private void patch(String patch) {
            kubernetes.pods().inNamespace(namespace).withName(name).patch(MERGE, patch);
        }

        /** Its file is written no more when this returns, although the watch may still tell of what has happened. */
        private synchronized void end() {
            ended = true;
            if (relay != null) {
                relay.close();
            }
        }

        private synchronized void sees(Pod pod) {
            Map<String, String> annotations = pod.getMetadata().getAnnotations();
            String now = annotations == null ? "" : annotations.getOrDefault(Annotations.LINKS, "");
            if (!ended && !now.equals(links)) {
                write(now);
            }
        }

        private synchronized void write(String table) {
            links = table;
            try {
                Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), table);
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void started() {
            kubernetes
                    .pods()
                    .inNamespace(namespace)
                    .withName(name)
                    .subresource("status")
                    .patch(
                            MERGE,
                            """
                            {"status": {"phase": "Running", "podIP": "%1$s", "podIPs": [{"ip": "%1$s"}],
                             "conditions": [{"type": "Ready", "status": "True"}],
                             "initContainerStatuses": [{"name": "%2$s", "ready": true, "started": true, "restartCount": 0,
                               "image": "", "imageID": "", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}}
                            """
                                    .formatted(address, RelayEnvironment.SIDECAR_CONTAINER));
        }
    }

    private static String shown(Link link) {
        return link.alias() + ":" + link.listen() + ">" + link.targets().get(0).host();
    }
}
