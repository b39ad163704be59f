package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import link.ambassador.link.Link;

/**
 * The sysctl by which a relay without privileges listens on ports below 1024; every pod may set it (it is "safe"). Always,
 * as a link of such a port may come later, and then it is too late.
 *
 * @see <a href="https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/">Using sysctls</a>
 */
final class UnprivilegedPorts {
    private static final String SYSCTL = "net.ipv4.ip_unprivileged_port_start";

    private UnprivilegedPorts() {}

    /** Puts it into the pod's spec, unless the pod has a value of its own, which stays. */
    static void putInto(ObjectNode spec, List<Link> links, List<String> warnings) {
        for (JsonNode sysctl : spec.path("securityContext").path("sysctls")) {
            if (PodDocument.name(sysctl).replace('/', '.').equals(SYSCTL)) {
                warn(sysctl.path("value").asText(), links, warnings);
                return;
            }
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
