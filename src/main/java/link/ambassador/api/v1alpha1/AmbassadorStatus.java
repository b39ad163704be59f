package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Objects;

/** What the operator found. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record AmbassadorStatus(
        @JsonPropertyDescription("The generation that this status describes.") Long observedGeneration,
        @JsonPropertyDescription("A short hash of the link table that the relays are to serve.") String revision,
        @JsonPropertyDescription("What the columns of kubectl get print.") StatusSummary summary,
        @JsonPropertyDescription("How many relays there are, by what is known of them.") RelayCounts relays,
        @JsonPropertyDescription("A label selector of a gateway's pods, for kubectl scale and autoscalers.")
                String selector,
        @JsonPropertyDescription("Relays that have not acknowledged the revision, at most ten.") List<Laggard> laggards,
        @JsonPropertyDescription("The latest change of the targets.") LastRetarget lastRetarget,
        @JsonPropertyDescription(
                        "The hold that the spec asks for; also until its connections have left. Absent without one.")
                HoldStatus hold,
        @JsonPropertyDescription("The latest hold that has ended.") LastHold lastHold,
        @JsonPropertyDescription(
                        "How far a retarget is that not every relay has at once. Absent unless the spec asks for stages, or for sidecars with the preflight All.")
                RolloutStatus rollout,
        @JsonPropertyDescription("The targets of the links with a health check, at most 16.")
                List<TargetStatus> targets,
        @JsonPropertyDescription(
                        "Accepted, Ready, Converged, TargetReachable, Held; Reconciling or Stalled while True.")
                List<Condition> conditions) {

    /** Without an operator's look at the Ambassador, a status is the default of its definition, which has no conditions. */
    public AmbassadorStatus {
        conditions = Objects.requireNonNullElse(conditions, List.of());
    }
}
