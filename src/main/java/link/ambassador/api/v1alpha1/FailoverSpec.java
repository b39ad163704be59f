package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Which target serves, and what happens when another one does.
 *
 * @param selection FirstAvailable or Weighted; a word, as in {@link RetargetSpec}
 * @param failback Immediate, Never or a duration
 * @param existingConnections Keep, Drain or Close; a word, as in {@link RetargetSpec}
 * @param whenNoneHealthy null means that the type of the health check decides
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "self.selection != 'Weighted' || self.failback == 'Immediate'",
        fieldPath = ".failback",
        message =
                "must be Immediate or omitted with the selection Weighted, where a target that is healthy again gets its share"
                        + " at once")
public record FailoverSpec(
        @Default("FirstAvailable")
                @JsonPropertyDescription(
                        """
                        FirstAvailable: the first healthy target serves, in the order of targets. \
                        Weighted: the healthy targets share new connections by their weights. \
                        Default: FirstAvailable.""")
                String selection,
        @Default("Immediate")
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = FAILBACK, message = FAILBACK_MESSAGE)
                @JsonPropertyDescription(
                        """
                        When an earlier target serves again that is healthy again. \
                        Immediate: at once. \
                        Never: when the target in use fails, or targets change. \
                        A duration such as 5m: when it was healthy for so long. Default: Immediate.""")
                String failback,
        @Default("Keep")
                @JsonPropertyDescription(
                        """
                        What happens to connections on a target that became unhealthy, or that failback leaves. \
                        Keep: they stay until one side ends them. \
                        Drain: each is closed when it is idle, and at retarget.drainTimeout the others are closed or reset. \
                        Close: they are reset at once. Default: Keep.""")
                String existingConnections,
        @JsonPropertyDescription(
                        """
                        What happens to a new connection while no target is healthy. \
                        TryAll: the relay tries the targets in their order, as without a health check. \
                        Refuse: the target does not get it, and whenUnavailable decides about it. \
                        Default: TryAll with a TCP check; Refuse with HTTP and Exchange, because a replica must not get writes.""")
                String whenNoneHealthy) {
    private static final String FAILBACK = "self in ['Immediate', 'Never'] || (" + DurationRule.VALUE + ")";
    private static final String FAILBACK_MESSAGE =
            "must be Immediate, Never, or a duration such as 30s or 5m (units ms, s, m, h; no fractions), more than 0, at most 24h";
}
