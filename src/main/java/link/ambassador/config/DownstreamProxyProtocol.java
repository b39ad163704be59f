package link.ambassador.config;

import java.net.InetAddress;
import java.util.List;

/**
 * The downstreams of a link begin with a PROXY protocol header (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt), which says
 * for whom they connect. The relay never guesses whether there is one: a connection without it is reset.
 *
 * @param trustedSources who may send one, 1 to {@value #MAX_SOURCES}. A connection from elsewhere is reset
 */
public record DownstreamProxyProtocol(List<Cidr> trustedSources) {
    public static final int MAX_SOURCES = 64;

    /** @throws IllegalArgumentException with a sentence that says what would be right */
    public DownstreamProxyProtocol {
        trustedSources = List.copyOf(trustedSources);
        if (trustedSources.isEmpty() || trustedSources.size() > MAX_SOURCES) {
            throw new IllegalArgumentException("downstreamProxyProtocol has " + trustedSources.size()
                    + " trustedSources: it must have 1 to " + MAX_SOURCES);
        }
    }

    /** Whether a header from this address counts. */
    public boolean trusts(InetAddress source) {
        for (Cidr block : trustedSources) {
            if (block.contains(source)) {
                return true;
            }
        }
        return false;
    }
}
