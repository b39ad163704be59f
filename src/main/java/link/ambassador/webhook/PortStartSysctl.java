package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import link.ambassador.config.Link;
import link.ambassador.model.RelayPodDefaults;

/**
 * The sysctl that lets a relay without privileges listen on ports below 1024; it is "safe", so every pod may set it. Pods always get it,
 * because a link with such a port may come later, when it is too late to set it. The exception is a pod with sysctls of its own that a
 * person created: the list is one value, so one more sysctl would be an edit when the person applies the manifest again, and no pod
 * allows that. Such a pod gets it only if it needs it now.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/">Using sysctls</a>
 */
final class PortStartSysctl {
    private static final String SYSCTL = RelayPodDefaults.UNPRIVILEGED_PORT_START;

    private PortStartSysctl() {}

    /**
     * Adds it to the pod's spec, unless the pod sets it itself.
     *
     * @param owned whether a controller created the pod; then people apply its template, and not the pod
     */
    static void putInto(ObjectNode spec, boolean owned, List<Link> links, List<String> warnings) {
        JsonNode own = spec.path("securityContext").path("sysctls");
        for (JsonNode sysctl : own) {
            if (PodJson.name(sysctl).replace('/', '.').equals(SYSCTL)) {
                warn(sysctl.path("value").asText(), links, warnings);
                return;
            }
        }
        if (!own.isEmpty()
                && !owned
                && links.stream().allMatch(link -> link.listen() >= RelayPodDefaults.FIRST_UNPRIVILEGED_PORT)) {
            return;
        }
        spec.withObjectProperty("securityContext")
                .withArrayProperty("sysctls")
                .addObject()
                .put("name", SYSCTL)
                .put("value", "0");
    }

    private static void warn(String value, List<Link> links, List<String> warnings) {
        if (!value.matches("[0-9]{1,5}")) {
            return;
        }
        int first = Integer.parseInt(value);
        for (Link link : links) {
            if (link.listen() < first) {
                warnings.add("The pod's own " + SYSCTL + "=" + value + " keeps the relay from port " + link.listen()
                        + " of '" + link.alias() + "'.");
            }
        }
    }
}
