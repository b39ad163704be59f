package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** What the columns of {@code kubectl get} print: a column's path over a list would print its first element only. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record StatusSummary(
        @JsonPropertyDescription("The listen ports: 5432 or 5432,6432.") String listen,
        @JsonPropertyDescription("The first target of the first link, and how many more there are: pg-a:5432 +1.")
                String target,
        @JsonPropertyDescription("gateway or sidecar.") String placement,
        @JsonPropertyDescription("How many relays converged, of those selected: 38/41.") String relays) {}
