package link.ambassador.model;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import link.ambassador.api.v1alpha1.DownstreamProxyProtocolSpec;
import link.ambassador.api.v1alpha1.LinkSpec;
import link.ambassador.api.v1alpha1.UpstreamProxyProtocolSpec;
import link.ambassador.config.Cidr;
import link.ambassador.config.DownstreamProxyProtocol;
import link.ambassador.config.UpstreamProxyProtocol;

/** The PROXY protocol of one link, on both sides, as its spec asks for. */
record DesiredProxyProtocol(Optional<UpstreamProxyProtocol> upstream, Optional<DownstreamProxyProtocol> downstream) {
    /**
     * Reads one link.
     *
     * @param place of the link
     * @throws SpecRefusal when this version cannot serve it as it is asked for
     */
    static DesiredProxyProtocol of(String place, LinkSpec link) throws SpecRefusal {
        try {
            return new DesiredProxyProtocol(
                    upstream(place + ".upstreamProxyProtocol", link.upstreamProxyProtocol()),
                    downstream(place + ".downstreamProxyProtocol.trustedSources", link.downstreamProxyProtocol()));
        } catch (IllegalArgumentException e) {
            throw new SpecRefusal(place, e);
        }
    }

    private static Optional<UpstreamProxyProtocol> upstream(String place, UpstreamProxyProtocolSpec spec)
            throws SpecRefusal {
        if (spec == null) {
            return Optional.empty();
        }
        UpstreamProxyProtocol.Version version = SpecFields.word(
                place + ".version",
                spec.version(),
                UpstreamProxyProtocol.Version.V2,
                UpstreamProxyProtocol.Version.class);
        Set<UpstreamProxyProtocol.Tlv> tlvs = EnumSet.noneOf(UpstreamProxyProtocol.Tlv.class);
        for (String word : spec.tlvs() == null ? List.<String>of() : spec.tlvs()) {
            tlvs.add(SpecFields.word(place + ".tlvs", word, null, UpstreamProxyProtocol.Tlv.class));
        }
        return Optional.of(new UpstreamProxyProtocol(version, tlvs));
    }

    private static Optional<DownstreamProxyProtocol> downstream(String place, DownstreamProxyProtocolSpec spec)
            throws SpecRefusal {
        if (spec == null) {
            return Optional.empty();
        }
        List<Cidr> sources = new ArrayList<>();
        for (String source : SpecFields.required(place, spec.trustedSources())) {
            sources.add(SpecFields.parsed(
                    place + "[" + sources.size() + "]",
                    source,
                    null,
                    Cidr::parse,
                    "a block of addresses such as 10.0.0.0/8"));
        }
        return Optional.of(new DownstreamProxyProtocol(sources));
    }
}
