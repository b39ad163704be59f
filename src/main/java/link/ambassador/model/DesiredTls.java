package link.ambassador.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.CaCertificateRef;
import link.ambassador.api.v1alpha1.CertificateRef;
import link.ambassador.api.v1alpha1.ClientValidation;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.api.v1alpha1.DownstreamTlsSpec;
import link.ambassador.api.v1alpha1.LinkSpec;
import link.ambassador.api.v1alpha1.SubjectAltNameSpec;
import link.ambassador.api.v1alpha1.UpstreamTlsSpec;
import link.ambassador.api.v1alpha1.UpstreamValidation;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.Printable;
import link.ambassador.config.SubjectAltName;
import link.ambassador.config.TlsVersion;
import link.ambassador.config.Trust;
import link.ambassador.config.UpstreamTls;
import link.ambassador.config.Word;

/**
 * TLS of one link, as its spec asks for.
 *
 * @param unusable the first ConfigMap without usable certificates; the sides are empty then
 */
record DesiredTls(Optional<UpstreamTls> upstream, Optional<DownstreamTls> downstream, Optional<CaBundle> unusable) {
    private static final String NONE = "None";
    private static final String MODES = NONE + ", " + Word.anyOf(UpstreamTls.Mode.class);

    /**
     * Reads one link.
     *
     * @param place of the link
     * @throws SpecRefusal when this version cannot serve it as it is asked for; it never leaves out a part of TLS
     */
    static DesiredTls of(String place, LinkSpec link, String namespace, CaBundles bundles) throws SpecRefusal {
        Reader reader = new Reader(namespace, bundles);
        try {
            Optional<UpstreamTls> upstream = reader.upstream(place + ".upstreamTLS", link.upstreamTLS());
            Optional<DownstreamTls> downstream = reader.downstream(place + ".downstreamTLS", link.downstreamTLS());
            return reader.unusable == null
                    ? new DesiredTls(upstream, downstream, Optional.empty())
                    : new DesiredTls(Optional.empty(), Optional.empty(), Optional.of(reader.unusable));
        } catch (IllegalArgumentException e) {
            throw new SpecRefusal(place, e);
        }
    }

    /** The link without certificates to trust; empty when it has all that it needs. */
    Optional<UnresolvedLink> unresolved(String alias, int listen, LinkSpec link) {
        return unusable.map(bundle -> {
            boolean read = bundle instanceof CaBundle.Unusable;
            return new UnresolvedLink(
                    alias,
                    listen,
                    credentials(link),
                    read ? ((CaBundle.Unusable) bundle).reason() : ConditionReason.INVALID_CA_CERTIFICATE_REF,
                    "Link " + listen + ": "
                            + (read ? ((CaBundle.Unusable) bundle).sentence() : "its ConfigMap is being read."),
                    !read);
        });
    }

    /** The Secrets that the link names, also when its ConfigMaps are unusable. */
    static Set<String> credentials(LinkSpec link) {
        Set<String> names = new TreeSet<>();
        Stream.of(
                        Optional.ofNullable(link.upstreamTLS()).map(UpstreamTlsSpec::clientCertificateRef),
                        Optional.ofNullable(link.downstreamTLS()).map(DownstreamTlsSpec::certificateRef))
                .flatMap(Optional::stream)
                .map(CertificateRef::name)
                .forEach(names::add);
        return names;
    }

    /** Collects the first unusable ConfigMap on the way. */
    private static final class Reader {
        private static final Trust NOT_USED = Trust.SYSTEM;

        private final String namespace;
        private final CaBundles bundles;
        private CaBundle unusable;

        Reader(String namespace, CaBundles bundles) {
            this.namespace = namespace;
            this.bundles = bundles;
        }

        Optional<UpstreamTls> upstream(String place, UpstreamTlsSpec spec) throws SpecRefusal {
            if (spec == null || NONE.equals(spec.mode())) {
                return Optional.empty();
            }
            UpstreamTls.Mode mode = SpecFields.parsed(
                    place + ".mode",
                    SpecFields.required(place + ".mode", spec.mode()),
                    null,
                    word -> Word.parse(UpstreamTls.Mode.class, word),
                    MODES);
            UpstreamValidation validation = SpecFields.required(place + ".validation", spec.validation());
            boolean showsOne = spec.clientCertificateRef() != null;
            if (showsOne != (mode == UpstreamTls.Mode.CLIENT_AND_SERVER)) {
                throw new SpecRefusal(
                        place + ".clientCertificateRef",
                        showsOne ? "given" : "missing",
                        "given with the mode ClientAndServer, and omitted with ServerOnly");
            }
            return Optional.of(new UpstreamTls(
                    upstreamTrust(place + ".validation", validation),
                    Optional.ofNullable(validation.hostname()),
                    names(place + ".validation.subjectAltNames", validation.subjectAltNames()),
                    certificate(place + ".clientCertificateRef", spec.clientCertificateRef()),
                    SpecFields.word(
                            place + ".negotiation",
                            spec.negotiation(),
                            UpstreamTls.DEFAULT_NEGOTIATION,
                            UpstreamTls.Negotiation.class),
                    SpecFields.word(
                            place + ".minVersion",
                            spec.minVersion(),
                            UpstreamTls.DEFAULT_MIN_VERSION,
                            TlsVersion.class)));
        }

        Optional<DownstreamTls> downstream(String place, DownstreamTlsSpec spec) throws SpecRefusal {
            if (spec == null) {
                return Optional.empty();
            }
            String certificate = certificate(
                            place + ".certificateRef",
                            SpecFields.required(place + ".certificateRef", spec.certificateRef()))
                    .orElseThrow();
            ClientValidation clients = spec.clientValidation();
            Optional<Trust> trust = clients == null
                    ? Optional.empty()
                    : Optional.of(bundles(
                            place + ".clientValidation.caCertificateRefs",
                            SpecFields.required(
                                    place + ".clientValidation.caCertificateRefs", clients.caCertificateRefs())));
            return Optional.of(new DownstreamTls(
                    certificate,
                    trust,
                    clients == null
                            ? List.of()
                            : names(place + ".clientValidation.subjectAltNames", clients.subjectAltNames()),
                    SpecFields.duration(
                            place + ".handshakeTimeout",
                            spec.handshakeTimeout(),
                            DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT)));
        }

        private Trust upstreamTrust(String place, UpstreamValidation validation) throws SpecRefusal {
            String wellKnown = validation.wellKnownCACertificates();
            if ((wellKnown == null) == (validation.caCertificateRefs() == null)) {
                throw new SpecRefusal(
                        place,
                        "without authorities, or with two kinds of them",
                        "exactly one of caCertificateRefs and wellKnownCACertificates");
            }
            if (wellKnown == null) {
                return bundles(place + ".caCertificateRefs", validation.caCertificateRefs());
            }
            if (!wellKnown.equals(Trust.SYSTEM_WORD)) {
                throw new SpecRefusal(
                        place + ".wellKnownCACertificates",
                        Printable.text(wellKnown),
                        "System, which is what this version of the operator knows");
            }
            return Trust.SYSTEM;
        }

        private Trust bundles(String place, List<CaCertificateRef> refs) throws SpecRefusal {
            List<Trust.Bundle> found = new ArrayList<>();
            for (int i = 0; i < refs.size(); i++) {
                CaCertificateRef ref = refs.get(i);
                String at = place + "[" + i + "]";
                if (!"ConfigMap".equals(ref.kind() == null ? "ConfigMap" : ref.kind())
                        || !"".equals(ref.group() == null ? "" : ref.group())) {
                    throw new SpecRefusal(
                            at,
                            "a " + Printable.text(ref.kind() + " of " + ref.group()),
                            "a ConfigMap, which is what this version of the operator reads");
                }
                CaBundle bundle = bundles.in(namespace, SpecFields.required(at + ".name", ref.name()));
                if (bundle instanceof CaBundle.Known known) {
                    found.add(known.bundle());
                } else if (unusable == null || unusable instanceof CaBundle.Pending) {
                    unusable = bundle;
                }
            }
            return unusable == null ? new Trust.Bundles(found) : NOT_USED;
        }

        private static List<SubjectAltName> names(String place, List<SubjectAltNameSpec> specs) throws SpecRefusal {
            List<SubjectAltName> names = new ArrayList<>();
            for (SubjectAltNameSpec spec : specs == null ? List.<SubjectAltNameSpec>of() : specs) {
                String at = place + "[" + names.size() + "]";
                SubjectAltName.Type type = SpecFields.word(
                        at + ".type", SpecFields.required(at + ".type", spec.type()), null, SubjectAltName.Type.class);
                String value = type == SubjectAltName.Type.URI ? spec.uri() : spec.hostname();
                names.add(new SubjectAltName(type, SpecFields.required(at, value)));
            }
            return names;
        }

        private static Optional<String> certificate(String place, CertificateRef ref) throws SpecRefusal {
            return ref == null ? Optional.empty() : Optional.of(SpecFields.required(place + ".name", ref.name()));
        }
    }
}
