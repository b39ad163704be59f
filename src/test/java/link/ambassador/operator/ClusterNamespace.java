package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.kubernetes.Namespaces;
import org.awaitility.Awaitility;

/**
 * A namespace with two Redis that say who they are, on a cluster with the operator installed. What a user would type is
 * typed; what a consumer would do is done from where pods do it.
 */
final class ClusterNamespace implements AutoCloseable {
    static final Duration TO_START = Duration.ofSeconds(90);
    static final Duration TO_CONVERGE = Duration.ofSeconds(30);

    /** Of a consumer, for a connect and for an answer. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final String SYSTEM = "ambassador-system";

    final KubernetesClient kubernetes = new KubernetesClientBuilder().build();
    final String namespace = "shop-" + Long.toString(System.nanoTime(), 36);
    final Kubectl kubectl;
    private boolean isRouted;

    ClusterNamespace() throws Exception {
        kubectl = new Kubectl(kubernetes, namespace, Files.createTempDirectory(Path.of("target"), "shop"));
        Installation.onCluster(kubectl);
        Namespaces.applyForPods(kubernetes, namespace, Namespaces.enforcing("restricted"));
        for (String name : List.of("redis-a", "redis-b")) {
            kubernetes
                    .load(new ByteArrayInputStream(redis(name).getBytes(StandardCharsets.UTF_8)))
                    .inNamespace(namespace)
                    .create();
        }
        for (String name : List.of("redis-a", "redis-b")) {
            kubernetes.pods().inNamespace(namespace).withName(name).waitUntilReady(60, TimeUnit.SECONDS);
            awaitRoute(address(name));
        }
    }

    /** Puts back what a test has changed of the installation. */
    void install() throws IOException, InterruptedException {
        Installation.onCluster(kubectl, Installation.CLUSTER);
    }

    /** @param kustomization of another version */
    void install(Path kustomization) throws IOException, InterruptedException {
        Installation.onCluster(kubectl, kustomization.toString());
    }

    /** What would become of a pod that this user creates here, with this word for whether it gets a relay; it is not created. */
    Pod dryRun(KubernetesClient user, String inject) {
        String pod =
                """
                apiVersion: v1
                kind: Pod
                metadata: {generateName: pod-, labels: {ambassador.link/inject: "%s"}}
                spec:
                  containers:
                  - name: app
                    image: example.com/app
                    securityContext:
                      runAsNonRoot: true
                      allowPrivilegeEscalation: false
                      capabilities: {drop: [ALL]}
                      seccompProfile: {type: RuntimeDefault}
                """
                        .formatted(inject);
        return user.resource(Serialization.unmarshal(pod, Pod.class))
                .inNamespace(namespace)
                .dryRun()
                .create();
    }

    private static String redis(String name) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %1$s, labels: {app: %1$s}}
                spec:
                  terminationGracePeriodSeconds: 0
                  enableServiceLinks: false
                  containers:
                  - name: redis
                    image: localhost/amb-redis:test
                    command: [sh, -c]
                    args:
                    - |
                      redis-server --bind 0.0.0.0 --protected-mode no --save '' &
                      until redis-cli set who %1$s; do sleep 0.1; done
                      wait
                    # Asked until it answers and no more: a program in a container each second costs more than the tests.
                    startupProbe: {exec: {command: [redis-cli, get, who]}, periodSeconds: 1, failureThreshold: 60}
                    securityContext:
                      runAsNonRoot: true
                      allowPrivilegeEscalation: false
                      capabilities: {drop: [ALL]}
                      seccompProfile: {type: RuntimeDefault}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s}
                spec: {selector: {app: %1$s}, ports: [{port: 6379}]}
                """
                .formatted(name);
    }

    /** {@code kubectl apply} of an Ambassador {@code cache} with one target, and lines below {@code spec}. */
    void apply(String host, String... spec) throws IOException, InterruptedException {
        applyAs("cache", host, spec);
    }

    /** The same under another name. */
    void applyAs(String name, String host, String... spec) throws IOException, InterruptedException {
        String yaml =
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {name: %s}
                spec:
                  links:
                  - listen: 6379
                    targets: [{host: %s, port: 6379}]
                """
                                .formatted(name, host)
                        + Stream.of(spec).map(line -> "  " + line + "\n").collect(Collectors.joining());
        kubectl.run(yaml, "apply", "-f", "-").succeeded();
    }

    String kubectl(String... arguments) throws IOException, InterruptedException {
        return kubectl.run("", arguments).succeeded().output();
    }

    /** Waits as a user would. */
    void awaitCondition(String condition) throws IOException, InterruptedException {
        kubectl("wait", "--for=condition=" + condition, "amb/cache", "--timeout=55s");
    }

    AmbassadorStatus status() {
        return kubernetes
                .resources(Ambassador.class)
                .inNamespace(namespace)
                .withName("cache")
                .get()
                .getStatus();
    }

    /** Status and reason of a condition: {@code True Acknowledged}. */
    String condition(String type) {
        return of(type, condition -> condition.getStatus() + " " + condition.getReason());
    }

    String message(String type) {
        return of(type, Condition::getMessage);
    }

    private String of(String type, Function<Condition, String> what) {
        return Stream.ofNullable(status())
                .flatMap(status -> status.conditions().stream())
                .filter(condition -> condition.getType().equals(type))
                .map(what)
                .findFirst()
                .orElse("");
    }

    /** The Events of the Ambassador, the oldest first. */
    List<String> events() {
        return kubernetes.v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getKind().equals("Ambassador"))
                .filter(event -> event.getInvolvedObject().getName().equals("cache"))
                .sorted(Comparator.comparing(
                        event -> Long.parseLong(event.getMetadata().getResourceVersion())))
                .map(Event::getReason)
                .toList();
    }

    /** Uid and restarts of each relay: what may not change without a reason. */
    List<String> identities() {
        return relays().stream()
                .map(pod -> pod.getMetadata().getUid() + " "
                        + pod.getStatus().getContainerStatuses().get(0).getRestartCount())
                .toList();
    }

    List<Pod> operators() {
        return kubernetes
                .pods()
                .inNamespace(SYSTEM)
                .withLabel("app.kubernetes.io/name", "ambassador-operator")
                .list()
                .getItems();
    }

    /** The holder of the Lease: the pod's name, and a part that differs for each process. */
    String leader() {
        String holder = kubernetes
                .leases()
                .inNamespace(SYSTEM)
                .withName("ambassador-operator")
                .get()
                .getSpec()
                .getHolderIdentity();
        return holder == null ? "" : holder;
    }

    List<Pod> relays() {
        return kubernetes
                .pods()
                .inNamespace(namespace)
                .withLabel("ambassador.link/gateway", "cache")
                .list()
                .getItems();
    }

    /** The gateway's address in the cluster, once a connect to it arrives. */
    InetSocketAddress service() {
        InetSocketAddress address = address("cache");
        if (!isRouted) {
            awaitRoute(address);
            isRouted = true;
        }
        return address;
    }

    private InetSocketAddress address(String service) {
        return new InetSocketAddress(
                kubernetes
                        .services()
                        .inNamespace(namespace)
                        .withName(service)
                        .get()
                        .getSpec()
                        .getClusterIP(),
                6379);
    }

    /** kube-proxy may be behind, and no condition tells: until it has caught up there is no route to a Service. */
    private static void awaitRoute(InetSocketAddress address) {
        Awaitility.await("a route to " + address).atMost(TO_START).until(() -> connects(address));
    }

    private static boolean connects(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Who answers on a new connection to {@code address}; fails as a consumer's connect would. */
    static String whoAnswers(InetSocketAddress address) throws IOException {
        return whoAnswers(address, PATIENCE);
    }

    /** @param patience how long to wait for the connect, and for the answer */
    static String whoAnswers(InetSocketAddress address, Duration patience) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address, (int) patience.toMillis());
            socket.setSoTimeout((int) patience.toMillis());
            // Closed by a reset: else a minute of connects uses up the local ports.
            socket.setSoLinger(true, 0);
            return ask(socket);
        }
    }

    static String ask(Socket socket) throws IOException {
        socket.getOutputStream().write("GET who\r\n".getBytes(StandardCharsets.US_ASCII));
        StringBuilder reply = new StringBuilder();
        for (int lines = 0; lines < 2; ) {
            int read = socket.getInputStream().read();
            if (read < 0) {
                throw new IOException("the connection ended after '" + reply + "'");
            }
            reply.append((char) read);
            lines += read == '\n' ? 1 : 0;
        }
        return reply.toString().lines().skip(1).findFirst().orElseThrow();
    }

    @Override
    public void close() {
        kubernetes.namespaces().withName(namespace).delete();
        kubernetes.close();
    }
}
