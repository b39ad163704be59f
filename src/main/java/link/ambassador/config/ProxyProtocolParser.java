package link.ambassador.config;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import link.ambassador.config.JsonReader.Rejection;

/** Parses what a link table says of the PROXY protocol. An unknown field is rejected, as with TLS. */
final class ProxyProtocolParser {
    private static final String TLVS_WANTED = "an array of \"UniqueID\" and \"PodIdentity\", each at most once";
    private static final String SOURCES_WANTED =
            "an array of 1 to " + DownstreamProxyProtocol.MAX_SOURCES + " blocks of addresses";

    private final JsonReader json;

    ProxyProtocolParser(JsonReader json) {
        this.json = json;
    }

    UpstreamProxyProtocol upstream() throws IOException, Rejection {
        String path = json.path();
        UpstreamProxyProtocol.Version version = null;
        Set<UpstreamProxyProtocol.Tlv> tlvs = Set.of();
        json.beginObject("an object with version");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "version" -> version = json.word(UpstreamProxyProtocol.Version.class);
                case "tlvs" -> tlvs = tlvs();
                default -> throw json.unknown(field);
            }
        }
        JsonReader.require(version != null, path, "version", JsonReader.wanted(UpstreamProxyProtocol.Version.class));
        if (version == UpstreamProxyProtocol.Version.V1 && !tlvs.isEmpty()) {
            throw new Rejection(
                    JsonReader.child(path, "tlvs"), "TLVs with the version V1, which has none", "left out, or with V2");
        }
        return new UpstreamProxyProtocol(version, tlvs);
    }

    DownstreamProxyProtocol downstream() throws IOException, Rejection {
        String path = json.path();
        List<Cidr> sources = null;
        json.beginObject("an object with trustedSources");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "trustedSources" -> sources = sources();
                default -> throw json.unknown(field);
            }
        }
        JsonReader.require(sources != null, path, "trustedSources", SOURCES_WANTED);
        return new DownstreamProxyProtocol(sources);
    }

    private Set<UpstreamProxyProtocol.Tlv> tlvs() throws IOException, Rejection {
        Set<UpstreamProxyProtocol.Tlv> tlvs = EnumSet.noneOf(UpstreamProxyProtocol.Tlv.class);
        json.beginArray(TLVS_WANTED);
        while (json.nextElement()) {
            UpstreamProxyProtocol.Tlv tlv = json.word(UpstreamProxyProtocol.Tlv.class);
            if (!tlvs.add(tlv)) {
                throw json.rejection("\"" + tlv.word() + "\" a second time", TLVS_WANTED);
            }
        }
        return tlvs;
    }

    private List<Cidr> sources() throws IOException, Rejection {
        String path = json.path();
        List<Cidr> sources = new ArrayList<>();
        json.beginArray(SOURCES_WANTED);
        while (json.nextElement()) {
            if (sources.size() == DownstreamProxyProtocol.MAX_SOURCES) {
                throw new Rejection(
                        path, "more than " + DownstreamProxyProtocol.MAX_SOURCES + " blocks", SOURCES_WANTED);
            }
            String text = json.string(Cidr.WANTED, value -> Cidr.parse(value).isPresent());
            sources.add(Cidr.parse(text).orElseThrow());
        }
        if (sources.isEmpty()) {
            throw new Rejection(path, "an empty array, with which every connection would be reset", SOURCES_WANTED);
        }
        return sources;
    }
}
