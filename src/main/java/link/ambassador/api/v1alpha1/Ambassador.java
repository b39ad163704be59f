package link.ambassador.api.v1alpha1;

import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** Listen ports and the targets that their connections go to, for the consumers of one namespace. */
@Group(Ambassador.GROUP)
@Version(Ambassador.VERSION)
@ShortNames("amb")
@Categories("all")
public class Ambassador extends CustomResource<AmbassadorSpec, AmbassadorStatus> implements Namespaced {
    public static final String GROUP = "ambassador.link";
    public static final String VERSION = "v1alpha1";

    private static final long serialVersionUID = 1L;

    @Override
    @Required
    public AmbassadorSpec getSpec() {
        return super.getSpec();
    }
}
