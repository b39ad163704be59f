package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import link.ambassador.config.Annotations;
import link.ambassador.config.Environment;
import link.ambassador.config.Printable;
import link.ambassador.model.Credentials;
import link.ambassador.model.RelayPodDefaults;
import link.ambassador.model.SidecarAmbassador;

/**
 * The credentials that a pod's relay can read: those of the Ambassadors that select the pod, the older first; those that its author
 * announces; and those of volumes that the pod has already, such as those of a CSI driver.
 *
 * @param mounted at most {@link RelayPodDefaults#MOST_CREDENTIALS}
 * @param warnings about others
 */
record PodCredentials(Set<String> mounted, List<String> warnings) {
    static PodCredentials of(PodJson pod, Collection<SidecarAmbassador> inItsNamespace) {
        List<String> warnings = new ArrayList<>();
        Set<String> wanted = new LinkedHashSet<>();
        inItsNamespace.stream()
                .filter(ambassador -> ambassador.selects(pod.labels()))
                .sorted(SidecarAmbassador.BY_AGE)
                .forEach(ambassador -> wanted.addAll(ambassador.credentials()));
        for (JsonNode volume : pod.spec().path("volumes")) {
            wanted.addAll(RelayVolumes.credentials(volume));
        }
        new Environment(pod.annotations())
                .list(Annotations.CREDENTIALS).stream()
                        .limit(2L * RelayPodDefaults.MOST_CREDENTIALS)
                        .forEach(name -> {
                            if (Credentials.isValid(name)) {
                                wanted.add(name);
                            } else {
                                warnings.add(
                                        "The annotation " + Annotations.CREDENTIALS + " names '"
                                                + Printable.text(name)
                                                + "', which is no credential: it must be the name of a certificate, at most 48"
                                                + " lower-case letters, digits and '-', or a name, '/' and a key with \"pass\" in it.");
                            }
                        });
        if (wanted.size() > RelayPodDefaults.MOST_CREDENTIALS) {
            warnings.add("The pod's relay gets " + RelayPodDefaults.MOST_CREDENTIALS + " of " + wanted.size()
                    + " credentials, the most that a pod can have. Use one Secret for several links.");
        }
        Set<String> mounted = new TreeSet<>();
        wanted.stream().limit(RelayPodDefaults.MOST_CREDENTIALS).forEach(mounted::add);
        return new PodCredentials(mounted, List.copyOf(warnings));
    }
}
