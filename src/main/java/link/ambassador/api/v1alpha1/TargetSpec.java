package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Where connections of a link go.
 *
 * @param weight null means 1; only with the selection Weighted
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record TargetSpec(
        @Required
                @Size(max = HostRule.LONGEST)
                @ValidationRule(
                        value = HostRule.VALUE,
                        message = HostRule.MESSAGE,
                        messageExpression = HostRule.MESSAGE_EXPRESSION)
                @JsonPropertyDescription(
                        """
                        An IP address or a DNS name, for example 192.168.1.52, 2001:db8::1, redis-b or \
                        pg-a.eu.example.com. No scheme, no port, no brackets. The relay resolves a name as its pod \
                        would, and again when its TTL ends; it resolves a name that ends in a dot without the search \
                        list.""")
                String host,
        @Required @Min(1) @Max(65535) @JsonPropertyDescription("The port of the target, 1 to 65535.") Integer port,
        @Min(0)
                @Max(1000)
                @JsonPropertyDescription(
                        """
                        The share of new connections that the target gets, compared with the weights of the other healthy \
                        targets, 0 to 1000; with failover.selection Weighted alone. With 0 it gets none. Default: 1.""")
                Integer weight) {
    /** Without a weight. */
    public TargetSpec(String host, Integer port) {
        this(host, port, null);
    }
}
