package link.ambassador.operator;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The one node of a cluster that {@code src/test/cluster/bare} made, from below: its processes are this machine's. A test
 * that needs it is skipped on another cluster.
 */
final class BareNode {
    /** How long the API server is away in tests: {@code -De2e.outage=60}, in seconds. */
    static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("e2e.outage", 5));

    private static final Path RUN = Path.of("/run/amb-cluster");

    BareNode() {
        assumeTrue("bare".equals(System.getenv("AMBASSADOR_TEST_CLUSTER")), "needs a cluster of src/test/cluster/bare");
    }

    /** The process of the control plane or the node that was started under this name. */
    long component(String name) throws IOException {
        return Long.parseLong(
                Files.readString(RUN.resolve("pids").resolve(name)).strip());
    }

    /** The JVM in a pod. */
    long java(Pod pod) throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("\\d+"))
                    .filter(process -> read(process.resolve("cgroup"))
                            .contains("pod" + pod.getMetadata().getUid()))
                    .filter(process -> read(process.resolve("cmdline")).startsWith("java\0"))
                    .mapToLong(process -> Long.parseLong(process.getFileName().toString()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    void signal(String name, long... processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        for (long process : processes) {
            command.add(Long.toString(process));
        }
        run(command);
    }

    /**
     * Kills all operators at once. Others come in new pods: a kubelet waits, longer each time, before it starts a container again that
     * was killed before.
     */
    void killOperators(ClusterNamespace shop) throws IOException, InterruptedException {
        List<Pod> operators = shop.operators();
        long[] processes = new long[operators.size()];
        for (int i = 0; i < processes.length; i++) {
            processes[i] = java(operators.get(i));
        }
        signal("KILL", processes);
        shop.kubectl(
                "delete", "pods", "--all", "--force", "--grace-period=0", "--wait=false", "-n", Installation.NAMESPACE);
    }

    /** Stops the API server for {@link #OUTAGE}: connections to it stay, and nothing is answered. */
    void withoutApiServer() throws IOException, InterruptedException {
        long apiServer = component("kube-apiserver");
        signal("STOP", apiServer);
        try {
            long stopped = System.nanoTime();
            await().atMost(OUTAGE.plusSeconds(10)).until(() -> System.nanoTime() - stopped > OUTAGE.toNanos());
        } finally {
            signal("CONT", apiServer);
        }
    }

    /**
     * Starts or ends the kubelet under the pods of a node.
     *
     * @param action {@code start}, {@code stop} or {@code kill}
     */
    void kubelet(String action, Pod pod) throws IOException, InterruptedException {
        run(List.of(
                "src/test/cluster/bare/kubelet",
                action,
                pod.getSpec().getNodeName().replace("amb-", "")));
    }

    /** The firewall inside a pod, as a NetworkPolicy's enforcer would set it. */
    void iptables(Pod pod, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("nsenter", "--net=/proc/" + java(pod) + "/ns/net", "iptables"));
        command.addAll(List.of(arguments));
        run(command);
    }

    /** Starts a program of this machine in the network of a pod that has a relay. Its errors come with its output. */
    Process start(Pod pod, String... command) throws IOException {
        List<String> inside = new ArrayList<>(List.of("nsenter", "--net=/proc/" + java(pod) + "/ns/net"));
        inside.addAll(List.of(command));
        return new ProcessBuilder(inside).redirectErrorStream(true).start();
    }

    /** Gives an image of the node a second name. */
    void tag(String image, String name) throws IOException, InterruptedException {
        run(List.of(
                "ctr",
                "--address",
                RUN.resolve("node-1/containerd.sock").toString(),
                "--namespace",
                "k8s.io",
                "images",
                "tag",
                "--force",
                image,
                name));
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(command + ": " + output);
        }
    }

    /** Empty when the process ended meanwhile. */
    static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException ended) {
            return "";
        }
    }
}
