package link.ambassador.config;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * The header with which the relay tells the targets of a link who the consumer is
 * (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt).
 *
 * @param version of the header
 * @param tlvs what it says beside the addresses and the TLS of the consumer; only with {@link Version#V2}
 */
public record UpstreamProxyProtocol(Version version, Set<Tlv> tlvs) {
    /** A version of the PROXY protocol. */
    public enum Version implements Word {
        /** A line of text, with the addresses alone. */
        V1("V1"),

        /** Binary. */
        V2("V2");

        private final String word;

        Version(String word) {
            this.word = word;
        }

        @Override
        public String word() {
            return word;
        }
    }

    /** A field of the header that a link asks for. */
    public enum Tlv implements Word {
        /** PP2_TYPE_UNIQUE_ID: another one for each connection. */
        UNIQUE_ID("UniqueID"),

        /** Type 0xE0, of those for custom use: namespace and name of the consumer's pod, with {@code /} between them. */
        POD_IDENTITY("PodIdentity");

        private final String word;

        Tlv(String word) {
            this.word = word;
        }

        @Override
        public String word() {
            return word;
        }
    }

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public UpstreamProxyProtocol {
        Set<Tlv> ordered = EnumSet.noneOf(Tlv.class);
        ordered.addAll(tlvs);
        tlvs = Collections.unmodifiableSet(ordered);
        if (version == Version.V1 && !tlvs.isEmpty()) {
            throw new IllegalArgumentException(
                    "A PROXY protocol header of V1 has no TLVs: it must be V2, or without tlvs");
        }
    }
}
