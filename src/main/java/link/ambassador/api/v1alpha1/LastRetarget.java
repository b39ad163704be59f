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
 * @param drained null while there is no outcome, and when a relay does not say
 * @param reset null with {@code drained}
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
                String outcome,
        @JsonPropertyDescription(
                        "How many connections relays left to end when they are idle, because their target was removed or is no longer preferred. Each relay counts when it takes the new targets; of a retarget that failed, the relays that took them do. Absent until there is an outcome, and when a relay does not say.")
                Long drained,
        @JsonPropertyDescription("How many such connections relays reset, counted in the same way.") Long reset) {
    public static final String CONVERGED = "Converged";
    public static final String ROLLED_BACK = "RolledBack";
    public static final String PAUSED = "Paused";
}
