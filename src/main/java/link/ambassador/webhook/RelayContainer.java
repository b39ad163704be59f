package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import link.ambassador.config.DurationSyntax;
import link.ambassador.config.Environment;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.RelayPodDefaults;

/**
 * The container of the relay, a native sidecar (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/).
 *
 * <p>It passes PodSecurity {@code restricted}. Of one that is there already, what others made of it since stays: defaults,
 * a LimitRange's limits, AlwaysPullImages, a registry's mirror, a mesh's way to probe. To undo those could get the
 * pod refused after all, because nobody is asked a third time. What makes it a relay, and a harmless one, is put right.
 */
final class RelayContainer {
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

    /**
     * In POSIX shared memory, which the containers of a pod have in common
     * (https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking), and which is writable when the root file system is
     * not.
     */
    private static final String STARTED_FILE = "/dev/shm/ambassador-relay-started";

    /**
     * Waits for {@link #STARTED_FILE}. The hook is part of the container's start: the kubelet starts the next container once it
     * has returned, and would run a startup probe on whole seconds. It always succeeds, because the kubelet kills a container
     * whose hook fails, and takes a minute at most, because the kubelet does nothing else for this pod meanwhile. A relay of an
     * image from before writes no such file, and has two seconds to start.
     */
    private static final String AWAIT_STARTED =
            "if [ -e /ambassador/await-started ]; then /bin/sh /ambassador/await-started 60; else sleep 2; fi; exit 0";

    /**
     * Where the pod shares its node's /dev/shm, and so would share the file with other pods. Ten minutes and long answers, as on
     * a node that is slow a restart would only make the app wait more.
     */
    private static final int PROBE_PERIOD_SECONDS = 1;

    private static final int PROBE_TIMEOUT_SECONDS = 5;
    private static final int PROBE_FAILURES = 600;

    private RelayContainer() {}

    /** Makes {@code container}, empty or a relay from before, the relay of the pod, but for its resources. */
    static void complete(ObjectNode container, JsonNode spec, HostAliases names, InjectionSettings settings) {
        container.put("name", RelayEnvironment.SIDECAR_CONTAINER);
        if (!container.has("image")) {
            container.put("image", settings.relayImage());
            settings.imagePullPolicy().ifPresent(policy -> container.put("imagePullPolicy", policy));
        }
        container.put("restartPolicy", "Always");
        container.putArray("args").add("relay");
        // A readiness probe would be the pod's; the end of the pod is told by SIGTERM alone.
        container.remove(
                List.of("command", "envFrom", "lifecycle", "livenessProbe", "readinessProbe", "volumeDevices"));
        Map<String, String> variables = environment(spec, names);
        awaitStarted(container, spec, variables);
        environment(container, variables);
        ports(container);
        securityContext(container.withObjectProperty("securityContext"), spec);
        volumeMounts(container);
    }

    /** The addresses that a relay from before listens on. */
    static Set<String> listenedOn(JsonNode container) {
        Map<String, String> variables = PodJson.environment(container);
        variables.values().removeIf(value -> value == null);
        return new Environment(variables).list(RelayEnvironment.LISTEN_HOST);
    }

    private static Map<String, String> environment(JsonNode spec, HostAliases names) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put(RelayEnvironment.LINKS_FILE, RelayVolumes.LINKS_FILE);
        variables.put(RelayEnvironment.LISTEN_HOST, String.join(",", names.addresses()));
        variables.put(RelayEnvironment.ALIASES, String.join(",", names.names()));
        // Left out, it would be told by a Service called ambassador-admin.
        variables.put(RelayEnvironment.ADMIN_PORT, Integer.toString(RelayEnvironment.DEFAULT_ADMIN_PORT));
        // No delay: whoever connects from within the pod has ended when SIGTERM comes.
        variables.put(RelayEnvironment.GRACE_PERIOD, gracePeriod(spec.path("terminationGracePeriodSeconds")));
        return variables;
    }

    private static String gracePeriod(JsonNode seconds) {
        Duration grace = seconds.isIntegralNumber() ? Duration.ofSeconds(seconds.asLong()) : DEFAULT_GRACE;
        if (grace.compareTo(DurationSyntax.MAX) > 0) {
            grace = DurationSyntax.MAX;
        }
        return grace.isZero() || grace.isNegative() ? "0s" : DurationSyntax.format(grace);
    }

    private static void environment(ObjectNode container, Map<String, String> ours) {
        ArrayNode variables = container.arrayNode();
        ours.forEach((name, value) -> variables.addObject().put("name", name).put("value", value));
        for (JsonNode other : container.path("env")) {
            if (!ours.containsKey(PodJson.name(other))) {
                variables.add(other);
            }
        }
        container.set("env", variables);
    }

    private static void ports(ObjectNode container) {
        for (JsonNode port : container.path("ports")) {
            if (port.path("containerPort").asInt() == RelayEnvironment.DEFAULT_ADMIN_PORT) {
                return;
            }
        }
        // A name that no Service of the app's asks for as its target.
        container
                .withArrayProperty("ports")
                .addObject()
                .put("name", "ambassador-adm")
                .put("protocol", "TCP")
                .put("containerPort", RelayEnvironment.DEFAULT_ADMIN_PORT);
    }

    private static void awaitStarted(ObjectNode container, JsonNode spec, Map<String, String> variables) {
        if (container.has("startupProbe")) {
            // Of an operator from before, or of a pod that was copied: its image may write no file.
            return;
        }
        if (spec.path("hostIPC").asBoolean()) {
            startupProbe(container.putObject("startupProbe"));
            return;
        }
        variables.put(RelayEnvironment.STARTED_FILE, STARTED_FILE);
        container
                .putObject("lifecycle")
                .putObject("postStart")
                .putObject("exec")
                .putArray("command")
                .add("/bin/sh")
                .add("-c")
                .add(AWAIT_STARTED);
    }

    private static void startupProbe(ObjectNode probe) {
        probe.putObject("httpGet").put("path", "/startz").put("port", RelayEnvironment.DEFAULT_ADMIN_PORT);
        probe.put("periodSeconds", PROBE_PERIOD_SECONDS)
                .put("timeoutSeconds", PROBE_TIMEOUT_SECONDS)
                .put("failureThreshold", PROBE_FAILURES);
    }

    /**
     * The image's user is a number, which the kubelet checks; a number here as well would be refused where the cluster gives
     * each namespace users of its own (OpenShift). A pod that runs as root would make root of the relay too, which
     * {@code runAsNonRoot} then keeps from starting: there it must be said.
     */
    private static void securityContext(ObjectNode context, JsonNode spec) {
        context.put("allowPrivilegeEscalation", false)
                .put("readOnlyRootFilesystem", true)
                .put("runAsNonRoot", true);
        context.remove("privileged");
        context.putObject("capabilities").putArray("drop").add(RelayPodDefaults.DROPPED_CAPABILITIES);
        context.putObject("seccompProfile").put("type", RelayPodDefaults.SECCOMP_PROFILE);
        JsonNode podUser = spec.path("securityContext").path("runAsUser");
        JsonNode user = context.path("runAsUser").isNumber() ? context.path("runAsUser") : podUser;
        if (user.isNumber() && user.asLong() == 0) {
            context.put("runAsUser", RelayPodDefaults.USER).put("runAsGroup", RelayPodDefaults.USER);
        }
    }

    private static void volumeMounts(ObjectNode container) {
        ArrayNode mounts = container.arrayNode();
        List<ObjectNode> ours = RelayVolumes.mounts();
        mounts.addAll(ours);
        for (JsonNode other : container.path("volumeMounts")) {
            boolean replaced =
                    ours.stream().anyMatch(mount -> mount.path("mountPath").equals(other.path("mountPath")));
            if (!replaced && !PodJson.isServiceAccountToken(other)) {
                mounts.add(other);
            }
        }
        container.set("volumeMounts", mounts);
    }
}
