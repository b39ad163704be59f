package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** Listen ports and the targets that their connections go to, for the consumers of one namespace. */
@JsonIgnoreProperties(ignoreUnknown = true)
@Group(Ambassador.GROUP)
@Version(Ambassador.VERSION)
@ShortNames("amb")
@Categories("all")
@ValidationRule(
        value = "size(self.metadata.name) <= 52 && self.metadata.name.matches('" + NameRule.PATTERN + "')",
        messageExpression =
                "'metadata.name is \"' + self.metadata.name + '\": it must be at most 52 lower-case letters,"
                        + " digits and \"-\", begin with a letter and end with a letter or digit, because a Service is named after"
                        + " it: for example orders-db'")
public class Ambassador extends CustomResource<AmbassadorSpec, AmbassadorStatus> implements Namespaced {
    public static final String GROUP = "ambassador.link";
    public static final String VERSION = "v1alpha1";

    private static final long serialVersionUID = 1L;

    @Override
    @Required
    @JsonPropertyDescription("The desired state: the ports, where their connections go, and where the relays run.")
    public AmbassadorSpec getSpec() {
        return super.getSpec();
    }

    @Override
    @JsonPropertyDescription("The observed state. Only the operator writes it.")
    public AmbassadorStatus getStatus() {
        return super.getStatus();
    }
}
