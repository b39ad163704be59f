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
import link.ambassador.config.RelayImage;
import link.ambassador.model.RelayPodDefaults;

/**
 * The container of the relay, a native sidecar (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/).
 *
 * <p>It passes PodSecurity {@code restricted}. In a relay that is there already, changes of others stay: defaults, limits of a LimitRange,
 * AlwaysPullImages, the mirror of a registry, the probes of a mesh. To undo them could get the pod refused, because no webhook is called a
 * third time. What makes the container a relay, and keeps it harmless, is repaired.
 */
final class RelayContainer {
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

    /**
     * In POSIX shared memory, which the containers of a pod share
     * (https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking), and which is writable although the root file system is
     * not.
     */
    private static final String STARTED_FILE = "/dev/shm/ambassador-relay-started";

    /**
     * Waits for {@link #STARTED_FILE}. The hook is part of the container's start: the kubelet starts the next container as soon as the
     * hook returns, whereas it would run a startup probe once a second. The hook always succeeds, because the kubelet kills a container
     * whose hook fails. It takes at most a minute, because the kubelet does nothing else for the pod meanwhile. A relay of an older
     * image writes no such file, and gets two seconds to start.
     */
    private static final String AWAIT_STARTED =
            "if [ -e /ambassador/await-started ]; then /bin/sh /ambassador/await-started 60; else sleep 2; fi; exit 0";

    /**
     * For a pod that shares its node's /dev/shm, and so would share the file with other pods. The probe allows ten minutes and slow
     * answers, because on a slow node a restart would only delay the app more.
     */
    private static final int PROBE_PERIOD_SECONDS = 1;

    private static final int PROBE_TIMEOUT_SECONDS = 5;
    private static final int PROBE_FAILURES = 600;

    private RelayContainer() {}

    /** Makes {@code container}, which is empty or an older relay, the relay of the pod, except for its resources. */
    static void complete(
            ObjectNode container, JsonNode spec, HostAliases names, Set<String> credentials, RelayImage relayImage) {
        container.put("name", RelayEnvironment.SIDECAR_CONTAINER);
        if (!container.has("image")) {
            container.put("image", relayImage.name());
            relayImage.pullPolicy().ifPresent(policy -> container.put("imagePullPolicy", policy));
        }
        container.put("restartPolicy", "Always");
        container.putArray("args").add("relay");
        // A readiness probe would affect the pod's readiness; and SIGTERM is enough to end the relay.
        container.remove(
                List.of("command", "envFrom", "lifecycle", "livenessProbe", "readinessProbe", "volumeDevices"));
        Map<String, String> variables = environment(spec, names);
        awaitStarted(container, spec, variables);
        environment(container, variables);
        ports(container);
        securityContext(container.withObjectProperty("securityContext"), spec);
        volumeMounts(container, credentials);
    }

    /** The addresses that a relay from an earlier invocation listens on. */
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
        // Without it, a Service called ambassador-admin would set it.
        variables.put(RelayEnvironment.ADMIN_PORT, Integer.toString(RelayEnvironment.DEFAULT_ADMIN_PORT));
        // Without a delay: the app, the only client, has ended when SIGTERM comes.
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
        RelayEnvironment.POD_FIELDS.forEach((name, path) -> variables
                .addObject()
                .put("name", name)
                .putObject("valueFrom")
                .putObject("fieldRef")
                // As the API server completes it: a second invocation finds nothing to change.
                .put("apiVersion", "v1")
                .put("fieldPath", path));
        ours.forEach((name, value) -> variables.addObject().put("name", name).put("value", value));
        for (JsonNode other : container.path("env")) {
            String name = PodJson.name(other);
            if (!ours.containsKey(name) && !RelayEnvironment.POD_FIELDS.containsKey(name)) {
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
        // No Service of the app has a target port of this name.
        container
                .withArrayProperty("ports")
                .addObject()
                .put("name", "ambassador-adm")
                .put("protocol", "TCP")
                .put("containerPort", RelayEnvironment.DEFAULT_ADMIN_PORT);
    }

    private static void awaitStarted(ObjectNode container, JsonNode spec, Map<String, String> variables) {
        if (container.has("startupProbe")) {
            // From an older operator, or in a copied pod: its image may write no file.
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
     * The image's user is a number, which the kubelet checks. A number here would be refused where the cluster assigns users to
     * namespaces (OpenShift). But in a pod that runs as root the relay would be root too, and {@code runAsNonRoot} would prevent its
     * start, so there the user is set.
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

    private static void volumeMounts(ObjectNode container, Set<String> credentials) {
        ArrayNode mounts = container.arrayNode();
        List<ObjectNode> ours = RelayVolumes.mounts(credentials);
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
