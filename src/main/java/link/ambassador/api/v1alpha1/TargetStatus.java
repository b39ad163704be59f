package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A target of a link with a health check, as its relays see it. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record TargetStatus(
        @JsonPropertyDescription("The listen port of the link.") int listen,
        @JsonPropertyDescription("Host and port of the target.") String target,
        @JsonPropertyDescription("How many relays send new connections there.") int relays,
        @JsonPropertyDescription("How many relays find it healthy.") int healthy) {}
