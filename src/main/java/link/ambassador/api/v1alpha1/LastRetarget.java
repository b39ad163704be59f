package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/**
 * The latest change of what the relays serve.
 *
 * @param convergedAt null until every relay acknowledged it
 * @param outcome null while it is on its way
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record LastRetarget(
        @JsonPropertyDescription("The revision that it led to.") String revision,
        @JsonPropertyDescription("The links that changed, before.") String from,
        @JsonPropertyDescription("The links that changed, after.") String to,
        @JsonPropertyDescription("When the operator saw the change.") String startedAt,
        @JsonPropertyDescription("When every relay had acknowledged it.") String convergedAt,
        @JsonPropertyDescription("Converged; or, of a retarget in stages that failed, RolledBack or Paused.")
                String outcome) {
    public static final String CONVERGED = "Converged";
    public static final String ROLLED_BACK = "RolledBack";
    public static final String PAUSED = "Paused";
}
