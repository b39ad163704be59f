package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A relay that has not acknowledged the revision. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Laggard(
        @JsonPropertyDescription("The pod that it runs in.") String pod,
        @JsonPropertyDescription("Why it has not, for people.") String reason) {}
