package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * One listen port and its targets.
 *
 * @param alias null means the Ambassador's name
 * @param idleTimeout null means never
 * @param maxConnections null means no limit
 * @param whenUnavailable null means Refuse
 * @param upstreamTLS null means that bytes go to the targets as they are
 * @param downstreamTLS null means that bytes come from the consumers as they are
 * @param healthCheck null means that nothing is checked but the connects themselves
 * @param failover null means the defaults of {@link FailoverSpec}
 * @param upstreamProxyProtocol null means that the targets see the relay's address
 * @param downstreamProxyProtocol null means that the downstreams are the consumers
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "!has(self.upstreamTLS) || self.upstreamTLS.mode == 'None'"
                + " || (has(self.upstreamTLS.validation) && (has(self.upstreamTLS.validation.hostname)"
                + " || has(self.upstreamTLS.validation.subjectAltNames)))"
                + " || !self.targets.exists(target, " + LinkSpec.IS_ADDRESS + ")",
        fieldPath = ".upstreamTLS",
        message = "has a target that is an IP address, and that has no name to check: give validation.hostname, or"
                + " validation.subjectAltNames")
@ValidationRule(
        value = "!self.targets.exists(target, has(target.weight))"
                + " || (has(self.failover) && self.failover.selection == 'Weighted')",
        fieldPath = ".targets",
        message =
                "must have weights with the selection Weighted alone: write \"failover: {selection: Weighted}\", or remove"
                        + " the weights")
@ValidationRule(
        value = "!self.targets.all(target, has(target.weight) && target.weight == 0)",
        fieldPath = ".targets",
        message = "must have a target with a weight of 1 or more: with 0 everywhere, no target gets a connection")
@ValidationRule(
        value = "!has(self.failover) || has(self.healthCheck)",
        fieldPath = ".healthCheck",
        message =
                "must be given with failover, which acts on its results: write \"healthCheck: {type: TCP}\", or remove"
                        + " failover")
public record LinkSpec(
        @Size(max = NameRule.LONGEST)
                @ValidationRule(value = NameRule.VALUE, message = NameRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        What consumers call it. In a sidecar's pod the alias db with the port 5432 becomes the host name \
                        db and the variables DB_PORT_5432_TCP, DB_PORT_5432_TCP_ADDR and so on. \
                        Links may share an alias. Lower-case letters, digits and "-", beginning with a letter, at most \
                        63. Default: the name of the Ambassador.""")
                String alias,
        @Required
                @Min(1)
                @Max(65535)
                @ValidationRule(
                        value = "self != 15990",
                        message = "15990 is the admin port of the relays: choose another port")
                @JsonPropertyDescription(
                        """
                        The port that consumers connect to, 1 to 65535, but not 15990, which is the admin port of the \
                        relays. It identifies the link: two links cannot have the same port.""")
                Integer listen,
        @Default("TCP") @JsonPropertyDescription("The protocol that is relayed. TCP is the default and the only value.")
                String protocol,
        @Required
                @Size(min = 1, max = 16)
                @JsonPropertyDescription(
                        """
                        Where connections go, 1 to 16 targets in order of preference: the first that answers serves. \
                        A target that failed is tried last for 10 seconds. When no target answers, the consumer's \
                        connection is reset.""")
                List<TargetSpec> targets,
        @Default("5s")
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = DurationRule.VALUE, message = DurationRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        How long to resolve and connect to one target before trying the next. \
                        A duration such as 500ms, 2s or 1m30s, more than 0, at most 24h. Default: 5s.""")
                String connectTimeout,
        @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = DurationRule.VALUE, message = DurationRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        Close a connection after this much time without a byte in either direction. \
                        A duration such as 30s or 1h30m, more than 0, at most 24h. Default: never, so that idle \
                        connections of a pool stay open.""")
                String idleTimeout,
        @Default("1h")
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = DurationRule.VALUE, message = DurationRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        Close a half-closed connection after this much time without a byte in the other direction. \
                        A duration such as 30s or 1h30m, more than 0, at most 24h. Default: 1h.""")
                String halfCloseTimeout,
        @Min(1)
                @Max(Integer.MAX_VALUE)
                @JsonPropertyDescription(
                        """
                        The most connections of this link in each relay at once, at least 1. Further connections are \
                        reset, and counted in the relay's metrics. Default: no limit.""")
                Integer maxConnections,
        @JsonPropertyDescription(
                        """
                        What happens to a connection when no target answers, because each refused, timed out or has no \
                        address. Default: it is reset.""")
                WhenUnavailableSpec whenUnavailable,
        @JsonPropertyDescription(
                        """
                        TLS between the relays and the targets. The relay verifies the certificate of each target, and a \
                        target whose certificate is not good is one that does not answer. \
                        Default: bytes go to the targets as they are.

                        Example:

                          upstreamTLS:
                            mode: ServerOnly
                            validation:
                              caCertificateRefs:
                              - kind: ConfigMap
                                name: company-ca""")
                UpstreamTlsSpec upstreamTLS,
        @JsonPropertyDescription(
                        """
                        TLS between the consumers and the relays of a gateway; a sidecar listens on the loopback \
                        address of its pod and has none. \
                        Default: bytes come from the consumers as they are.

                        Example:

                          downstreamTLS:
                            certificateRef:
                              name: orders-db-server""")
                DownstreamTlsSpec downstreamTLS,
        @JsonPropertyDescription(
                        """
                        How the relays find out whether a target is healthy: the first healthy target serves. \
                        Default: nothing is checked but the connects themselves; a target that failed is tried last for \
                        10 seconds.

                        Example:

                          healthCheck:
                            type: HTTP
                            port: 8008
                            http:
                              path: /primary""")
                HealthCheckSpec healthCheck,
        @JsonPropertyDescription(
                        """
                        Which target serves, and what happens when another one does. \
                        Default: the first healthy target, and open connections stay.""")
                FailoverSpec failover,
        @JsonPropertyDescription(
                        """
                        A PROXY protocol header, which tells each target the address of the consumer. Every target must \
                        expect it: to other targets it is wrong input. \
                        Default: no header, and the targets see the relay's address.

                        Example:

                          upstreamProxyProtocol:
                            version: V2""")
                UpstreamProxyProtocolSpec upstreamProxyProtocol,
        @JsonPropertyDescription(
                        """
                        While it is here, every connection to this port of a gateway must begin with a PROXY protocol header, \
                        as a load balancer sends it; a sidecar has none. Default: the downstreams are the consumers.

                        Example:

                          downstreamProxyProtocol:
                            trustedSources: ["10.0.0.0/8"]""")
                DownstreamProxyProtocolSpec downstreamProxyProtocol) {
    /** Of the hosts that {@link HostRule} accepts, only these are IP addresses. A call of {@code isIP} would cost too much in a list of lists. */
    static final String IS_ADDRESS = "target.host.matches('^[0-9.]+$|:')";
}
