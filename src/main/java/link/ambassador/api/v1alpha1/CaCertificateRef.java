package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A ConfigMap with certificates of authorities, as in Gateway API's BackendTLSPolicy. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record CaCertificateRef(
        @JsonPropertyDescription("The API group of a ConfigMap: the empty text, which is the only value.") String group,
        @Default("ConfigMap") @JsonPropertyDescription("ConfigMap, which is the default and the only value.")
                String kind,
        @Required
                @Size(max = CertificateRef.LONGEST)
                @ValidationRule(value = CertificateRef.VALUE, message = CertificateRef.MESSAGE)
                @JsonPropertyDescription("The name of the ConfigMap, in the namespace of the Ambassador.")
                String name) {
    static final int MOST = 4;
}
