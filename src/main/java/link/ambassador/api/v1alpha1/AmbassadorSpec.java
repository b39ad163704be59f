package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;

/**
 * What the user wants.
 *
 * @param retarget null when it was left out and no API server filled in the defaults
 * @param placement null means a gateway
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record AmbassadorSpec(
        @Required @JsonPropertyDescription("The ports that are listened on, each with its targets.")
                List<LinkSpec> links,
        @JsonPropertyDescription("What happens to open connections when targets change.") RetargetSpec retarget,
        @JsonPropertyDescription("Where the relays run. Left out: a gateway.") PlacementSpec placement) {}
