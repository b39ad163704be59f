package link.ambassador.webhook;

import java.util.Collection;
import java.util.Set;
import java.util.function.Function;
import link.ambassador.model.ExposedPort;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.SidecarAmbassador;

/**
 * The namespace that a pod is created in, with what matters to the pod's relay.
 *
 * @param name of the request, because a pod that is being created may not name it
 * @param ambassadors every Ambassador with sidecars there
 * @param services the ports of a Service there, by its name; empty for one that does not exist
 */
public record PodNamespace(
        String name,
        Collection<SidecarAmbassador> ambassadors,
        NamespaceConstraints demands,
        Function<String, Set<ExposedPort>> services) {}
