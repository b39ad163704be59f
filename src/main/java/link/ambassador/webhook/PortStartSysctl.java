package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import link.ambassador.config.Link;
import link.ambassador.model.RelayPodDefaults;

/**
 * The sysctl by which a relay without privileges listens on ports below 1024; every pod may set it (it is "safe"). Always,
 * as a link of such a port may come later, and then it is too late; but for a pod that a person created with sysctls of
 * its own: they are one value, so that one more would be an edit when its manifest is applied again, which no pod allows.
 * There it must be needed already.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/">Using sysctls</a>
 */
final class PortStartSysctl {
    private static final String SYSCTL = RelayPodDefaults.UNPRIVILEGED_PORT_START;

    private PortStartSysctl() {}

    /**
     * Puts it into the pod's spec, unless the pod has a value of its own, which stays.
     *
     * @param owned whether a controller created the pod, from a template that is what people apply
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
