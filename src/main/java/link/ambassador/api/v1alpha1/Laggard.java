package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * A relay that has not acknowledged the revision.
 *
 * @param reason a sentence for a person
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Laggard(String pod, String reason) {}
