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

/**
 * How relays find out whether a target is healthy.
 *
 * @param type TCP, HTTP or Exchange; a word, as in {@link RetargetSpec}
 * @param port null means the port of each target
 * @param http given exactly with HTTP
 * @param exchange given exactly with Exchange
 * @param probe OnFailure or Always; a word, as in {@link RetargetSpec}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "(self.type == 'HTTP') == has(self.http)",
        fieldPath = ".http",
        message = "must be given with the type HTTP, and omitted with every other type: write"
                + " \"{type: HTTP, http: {path: /primary}}\"")
@ValidationRule(
        value = "(self.type == 'Exchange') == has(self.exchange)",
        fieldPath = ".exchange",
        message = "must be given with the type Exchange, and omitted with every other type: write"
                + " \"{type: Exchange, exchange: {steps: [{send: \"PING\\r\\n\", expect: +PONG}]}}\"")
public record HealthCheckSpec(
        @Required
                @JsonPropertyDescription(
                        """
                        TCP: a target is healthy when it accepts a connection. \
                        HTTP: when it answers a request with an expected status, as Patroni's /primary does. \
                        Exchange: when it gives the expected answers to a few lines, as Redis does to INFO replication.""")
                String type,
        @Min(1)
                @Max(65535)
                @JsonPropertyDescription(
                        """
                        The port that is checked, 1 to 65535, on the host of each target. Default: the port of the target.""")
                Integer port,
        @JsonPropertyDescription("The request and its expected statuses, with the type HTTP alone.") HttpCheckSpec http,
        @JsonPropertyDescription("What to send and to expect, with the type Exchange alone.")
                ExchangeCheckSpec exchange,
        @Default("OnFailure")
                @JsonPropertyDescription(
                        """
                        OnFailure: a relay checks a target that failed, the preferred targets while it uses a later one, \
                        and with HTTP and Exchange a target before its first connection; never a healthy one in use, and nothing \
                        after 5 minutes without a connection. It does not see a role that changes while both targets go on \
                        accepting connections. \
                        Always: every relay checks every target at each interval, which sees that. It costs relays times \
                        targets divided by interval: 1,000 sidecars with 2 targets and 2s are 1,000 checks a second. \
                        Default: OnFailure.""")
                String probe,
        @Default("2s")
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = INTERVAL, message = INTERVAL_MESSAGE)
                @JsonPropertyDescription(
                        """
                        How often a relay checks a target, with up to a fifth more or less. \
                        A duration such as 500ms, 2s or 1m30s, at least 500ms, at most 24h. Default: 2s.""")
                String interval,
        @Default("1s")
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = DurationRule.VALUE, message = DurationRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        How long a check may take until it has failed. \
                        A duration such as 500ms, 2s or 1m30s, more than 0, at most 24h. Default: 1s.""")
                String timeout,
        @Default("2")
                @Min(1)
                @Max(16)
                @JsonPropertyDescription(
                        """
                        After how many failures in a row a target is unhealthy, 1 to 16; a connect that fails counts too. \
                        Default: 2.""")
                Integer unhealthyThreshold,
        @Default("1")
                @Min(1)
                @Max(16)
                @JsonPropertyDescription(
                        """
                        After how many good checks in a row a target is healthy again, 1 to 16. Default: 1.""")
                Integer healthyThreshold) {
    private static final String INTERVAL =
            DurationRule.FORM + " && duration(self) >= duration('500ms') && duration(self) <= duration('24h')";
    private static final String INTERVAL_MESSAGE =
            "must be a duration such as 500ms, 2s or 1m30s (units ms, s, m, h; no fractions), at least 500ms, at most 24h";
}
