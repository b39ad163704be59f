package link.ambassador.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.ClientValidation;
import link.ambassador.api.v1alpha1.DownstreamTlsSpec;
import link.ambassador.api.v1alpha1.UpstreamTlsSpec;
import link.ambassador.api.v1alpha1.UpstreamValidation;

/** The certificates of authorities in the ConfigMaps that Ambassadors name. Callable from any thread; never waits. */
public interface CaBundles {
    /** Of an operator that reads no ConfigMap. */
    CaBundles NONE = (namespace, configMap) -> CaCertificates.read(configMap, Optional.empty());

    /** The names of the ConfigMaps that the links of {@code ambassador} name. */
    static Set<String> namedBy(Ambassador ambassador) {
        return Stream.ofNullable(ambassador.getSpec())
                .flatMap(spec -> Stream.ofNullable(spec.links()).flatMap(List::stream))
                .flatMap(link -> Stream.of(
                        Optional.ofNullable(link.upstreamTLS())
                                .map(UpstreamTlsSpec::validation)
                                .map(UpstreamValidation::caCertificateRefs),
                        Optional.ofNullable(link.downstreamTLS())
                                .map(DownstreamTlsSpec::clientValidation)
                                .map(ClientValidation::caCertificateRefs)))
                .flatMap(refs -> refs.stream().flatMap(List::stream))
                .flatMap(ref -> Stream.ofNullable(ref.name()))
                .collect(Collectors.toSet());
    }

    /** Those of one ConfigMap. The first call for a ConfigMap may begin to read it. */
    CaBundle in(String namespace, String configMap);
}
