package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.TestProcess;
import link.ambassador.config.Annotations;
import link.ambassador.config.Labels;
import link.ambassador.relay.PodRelay;

/**
 * Plays the controllers and the kubelet for gateway pods, where only an API server runs: makes a pod, gives it an address on
 * the loopback and a relay there, and copies the ConfigMap to the relay's file whenever the pod's annotations changed.
 */
final class FakeKubelet implements Closeable {
    private static final AtomicInteger ADDRESSES = new AtomicInteger();
    private static final PatchContext MERGE =
            new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();

    private final KubernetesClient kubernetes;
    private final String namespace;
    private final Path directory;
    private final Map<String, FakePod> pods = new ConcurrentHashMap<>();
    private final Watch watch;

    /** @param directory an empty one, for the files of the relays */
    FakeKubelet(KubernetesClient kubernetes, GatewayNamespace namespace, Path directory) {
        this.kubernetes = kubernetes;
        this.namespace = namespace.name();
        this.directory = directory;
        this.watch = kubernetes.pods().inNamespace(namespace.name()).watch(new Watcher<>() {
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

    /** A pod of a gateway whose relay answers; it runs and is ready when this returns. */
    FakePod run(String gateway) {
        FakePod pod = create(gateway);
        pod.refresh();
        pod.relay = PodRelay.start(pod.address, pod.file);
        pod.isReady();
        return pod;
    }

    /** The same, but nothing answers on its address. */
    FakePod runSilent(String gateway) {
        FakePod pod = create(gateway);
        pod.isReady();
        return pod;
    }

    private FakePod create(String gateway) {
        int number = ADDRESSES.incrementAndGet();
        String name = gateway + "-ambassador-" + number;
        FakePod pod = new FakePod(
                gateway,
                name,
                "127." + (1 + 2 * TestProcess.number()) + "." + number / 250 + "." + (1 + number % 250),
                directory.resolve(name));
        pods.put(name, pod);
        kubernetes
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .withLabels(Map.of(Labels.GATEWAY, gateway))
                        .withOwnerReferences(controlledBy(replicaSet(kubernetes, namespace, gateway)))
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("relay")
                        .withImage("example.com/ambassador:test")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        return pod;
    }

    /** The one of the gateway's Deployment, made if there is none. */
    static ReplicaSet replicaSet(KubernetesClient kubernetes, String namespace, String gateway) {
        Deployment deployment = kubernetes
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName(gateway + "-ambassador")
                .get();
        ReplicaSet replicaSet = new ReplicaSetBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(gateway + "-ambassador-1")
                .withLabels(Map.of(Labels.GATEWAY, gateway))
                .withOwnerReferences(controlledBy(deployment))
                .endMetadata()
                .withNewSpec()
                .withReplicas(0)
                .withSelector(deployment.getSpec().getSelector())
                .withTemplate(deployment.getSpec().getTemplate())
                .endSpec()
                .build();
        return kubernetes.resource(replicaSet).forceConflicts().serverSideApply();
    }

    static OwnerReference controlledBy(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion("apps/v1")
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .build();
    }

    @Override
    public void close() {
        watch.close();
        pods.values().forEach(FakePod::end);
    }

    /** A pod of a gateway, as its node runs it. */
    final class FakePod {
        private final String gateway;
        private final String name;
        private final String address;
        private final Path file;
        private String annotations = "";
        private boolean holding;
        private boolean ended;
        private PodRelay relay;

        private FakePod(String gateway, String name, String address, Path file) {
            this.gateway = gateway;
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

        /** What its relay was given to serve. */
        String table() throws IOException {
            return Files.readString(file);
        }

        /** From now on the file stays as it is, whatever the annotations say. */
        synchronized void hold() {
            holding = true;
        }

        /** The file follows the ConfigMap again. */
        synchronized void release() {
            holding = false;
            refresh();
        }

        /** Writes the file past the ConfigMap, and holds it. */
        synchronized void overwrite(String table) {
            holding = true;
            write(table);
        }

        /** Ends it at once. */
        void delete() {
            end();
            kubernetes
                    .pods()
                    .inNamespace(namespace)
                    .withName(name)
                    .withGracePeriod(0)
                    .delete();
        }

        /** Its file is written no more when this returns, although the watch may still tell of what has happened. */
        private synchronized void end() {
            ended = true;
            if (relay != null) {
                relay.close();
            }
        }

        private synchronized void sees(Pod pod) {
            Map<String, String> all = pod.getMetadata().getAnnotations() == null
                    ? Map.of()
                    : pod.getMetadata().getAnnotations();
            String now = all.get(Annotations.REVISION) + " " + all.get(Annotations.REFRESH);
            if (!ended && !holding && !now.equals(annotations)) {
                refresh();
            }
            annotations = now;
        }

        private void refresh() {
            ConfigMap map = kubernetes
                    .configMaps()
                    .inNamespace(namespace)
                    .withName(gateway + "-ambassador")
                    .get();
            write(map.getData().get("links.json"));
        }

        private void write(String table) {
            try {
                Path next = Files.writeString(file.resolveSibling(name + ".next"), table);
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void isReady() {
            kubernetes
                    .pods()
                    .inNamespace(namespace)
                    .withName(name)
                    .subresource("status")
                    .patch(
                            MERGE,
                            """
                            {"status": {"phase": "Running", "podIP": "%1$s", "podIPs": [{"ip": "%1$s"}],
                             "conditions": [{"type": "Ready", "status": "True"}]}}
                            """
                                    .formatted(address));
        }
    }
}
