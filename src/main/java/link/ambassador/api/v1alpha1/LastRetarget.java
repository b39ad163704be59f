package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/**
 * The latest change of what the relays serve.
 *
 * @param convergedAt null until every relay acknowledged it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record LastRetarget(
        @JsonPropertyDescription("The revision that it led to.") String revision,
        @JsonPropertyDescription("The links that changed, before.") String from,
        @JsonPropertyDescription("The links that changed, after.") String to,
        @JsonPropertyDescription("When the operator saw the change.") String startedAt,
        @JsonPropertyDescription("When every relay had acknowledged it.") String convergedAt) {}
