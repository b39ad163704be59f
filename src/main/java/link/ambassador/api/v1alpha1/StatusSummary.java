package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;

/**
 * What the columns of {@code kubectl get} print: a column's path over a list would print its first element only.
 *
 * @param listen {@code 5432} or {@code 5432,6432}
 * @param target the first target of the first link, and how many more there are: {@code pg-a:5432 +1}
 * @param placement gateway or sidecar
 * @param relays converged of selected: {@code 38/41}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record StatusSummary(String listen, String target, String placement, String relays) {}
