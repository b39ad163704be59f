package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** Which certificates of a consumer are good. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record ClientValidation(
        @Required
                @Size(min = 1, max = CaCertificateRef.MOST)
                @JsonPropertyDescription(
                        """
                        The certificate authorities that a certificate must come from: 1 to 4 ConfigMaps in this \
                        namespace, with certificates in PEM under the key ca.crt. A change of a ConfigMap reaches \
                        the running relays.""")
                List<CaCertificateRef> caCertificateRefs,
        @Size(min = 1, max = SubjectAltNameSpec.MOST)
                @JsonPropertyDescription(
                        """
                        Names of which the certificate must have one, 1 to 16. \
                        Default: every certificate of these authorities is good.""")
                List<SubjectAltNameSpec> subjectAltNames) {}
