package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LabelSelector;

/**
 * Relays in the pods of the consumers.
 *
 * @param selector never empty: by Kubernetes' rule an empty one selects every pod, and a value that a template left out
 *     would redirect a whole namespace
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record SidecarPlacement(
        @Required
                @ValidationRule(
                        value = "(has(self.matchLabels) && size(self.matchLabels) > 0)"
                                + " || (has(self.matchExpressions) && size(self.matchExpressions) > 0)",
                        message = "is empty, which would add a relay to every pod of the namespace: select pods by"
                                + " their labels, for example \"matchLabels: {app: web}\"")
                @JsonPropertyDescription(
                        """
                        The pods of this namespace that get a relay, by their labels, as in a Deployment. \
                        It must not be empty. A pod that several Ambassadors select gets one relay with all their links. Example: {matchLabels: {app: web}}.""")
                LabelSelector selector) {}
