package link.ambassador.webhook;

import java.util.Collection;
import java.util.Set;
import java.util.function.Function;
import link.ambassador.model.ExposedPort;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.SidecarAmbassador;

/**
 * The namespace that a pod is created in, as far as its relay cares.
 *
 * @param name the request's, as a pod that is being created need not name it
 * @param ambassadors every Ambassador with sidecars there
 * @param services the ports of a Service there, by its name; none of one that is not there
 */
public record PodNamespace(
        String name,
        Collection<SidecarAmbassador> ambassadors,
        NamespaceConstraints demands,
        Function<String, Set<ExposedPort>> services) {}
