package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** The header with which a consumer, or a load balancer before it, tells a gateway for whom it connects. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record DownstreamProxyProtocolSpec(
        @Required
                @Size(min = 1, max = 64)
                @JsonPropertyDescription(
                        """
                        The addresses that may send a header, 1 to 64 blocks such as 10.0.0.0/8 or 2001:db8::/32: those of the \
                        load balancers. Every connection must come from one of them and begin with a header; \
                        the relay resets each other connection, because it could claim any address.""")
                List<String> trustedSources) {
    static final String CIDR = "isCIDR(self) && cidr(self) == cidr(self).masked()";
    static final String CIDR_MESSAGE = "must be a block of addresses without a bit behind its prefix:"
            + " for example 10.0.0.0/8, 10.1.2.3/32 or 2001:db8::/32";
    static final int LONGEST_CIDR = 49;
}
