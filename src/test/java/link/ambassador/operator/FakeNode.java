package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.TestProcess;
import link.ambassador.relay.PodRelay;

/**
 * Plays the kubelet of a namespace's pods, where only an API server runs: each pod gets an address on the loopback, a file for its
 * link table, and a relay that reads it.
 *
 * @param <P> what a pod does when its object changed
 */
abstract class FakeNode<P extends FakeNode<P>.FakePod> implements Closeable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final PatchContext MERGE =
            new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();

    final KubernetesClient kubernetes;
    final String namespace;
    private final Path directory;
    private final Map<String, P> pods = new ConcurrentHashMap<>();
    private final Watch watch;

    /** @param directory an empty one, for the files of the relays */
    FakeNode(KubernetesClient kubernetes, GatewayNamespace namespace, Path directory) {
        this.kubernetes = kubernetes;
        this.namespace = namespace.name();
        this.directory = directory;
        this.watch = kubernetes.pods().inNamespace(this.namespace).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Pod pod) {
                P running = pods.get(pod.getMetadata().getName());
                if (running != null && action == Action.MODIFIED) {
                    running.changed(Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.of()));
                }
            }

            @Override
            public void onClose(WatcherException cause) {}
        });
    }

    /** A name that no other pod of this process has. */
    static String nextName(String prefix) {
        return prefix + "-" + NAMES.incrementAndGet();
    }

    /** Runs {@code pod} from now on, and creates its object. */
    P add(P pod, Pod object) {
        pods.put(pod.name(), pod);
        kubernetes.resource(object).create();
        return pod;
    }

    @Override
    public void close() {
        watch.close();
        pods.values().forEach(pod -> pod.end());
    }

    /** A pod that runs on the node. */
    abstract class FakePod {
        private final int number = COUNT.incrementAndGet();
        private final String name;
        private final String address =
                "127." + (1 + 2 * TestProcess.number()) + "." + number / 250 + "." + (1 + number % 250);
        private final Path file;
        private boolean ended;
        private PodRelay relay;

        FakePod(String name) {
            this.name = name;
            this.file = directory.resolve(Integer.toString(number));
        }

        String name() {
            return name;
        }

        String address() {
            return address;
        }

        /** Its annotations as they are after a change of its object. */
        abstract void changed(Map<String, String> annotations);

        /** Empty when it has none. */
        String annotation(String key) {
            Map<String, String> annotations = resource().get().getMetadata().getAnnotations();
            return annotations == null ? "" : annotations.getOrDefault(key, "");
        }

        /** As a person edits it. */
        void annotate(String key, String value) {
            Map<String, String> annotations = new HashMap<>();
            annotations.put(key, value);
            resource().patch(MERGE, "{\"metadata\": {\"annotations\": " + Serialization.asJson(annotations) + "}}");
        }

        void label(String key, String value) {
            resource().patch(MERGE, "{\"metadata\": {\"labels\": {\"" + key + "\": \"" + value + "\"}}}");
        }

        String version() {
            return resource().get().getMetadata().getResourceVersion();
        }

        /** What its relay was given to serve. */
        String table() throws IOException {
            return Files.readString(file);
        }

        /** Its relay reads the file and answers when this returns. */
        void startRelay() {
            relay = PodRelay.start(name, address, file);
        }

        /** @param more of its status, as members of JSON with a comma before them */
        void reportReady(String more) {
            resource()
                    .subresource("status")
                    .patch(
                            MERGE,
                            """
                            {"status": {"phase": "Running", "podIP": "%1$s", "podIPs": [{"ip": "%1$s"}],
                             "conditions": [{"type": "Ready", "status": "True"}]%2$s}}
                            """
                                    .formatted(address, more));
        }

        /** Replaces the file, unless the pod has ended. */
        synchronized void write(String table) {
            if (ended) {
                return;
            }
            try {
                Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), table);
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Ends it at once, and deletes its object. */
        void delete() {
            end();
            resource().withGracePeriod(0).delete();
        }

        /** Its file is not written any more when this returns, although the watch may still bring events. */
        synchronized void end() {
            ended = true;
            if (relay != null) {
                relay.close();
                relay = null;
            }
        }

        private PodResource resource() {
            return kubernetes.pods().inNamespace(namespace).withName(name);
        }
    }
}
