package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** Which certificates of a target are good. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record UpstreamValidation(
        @Size(min = 1, max = CaCertificateRef.MOST)
                @JsonPropertyDescription(
                        """
                        The certificate authorities that a certificate must come from: 1 to 4 ConfigMaps in this \
                        namespace, with certificates in PEM under the key ca.crt. A change of a ConfigMap reaches \
                        the running relays.""")
                List<CaCertificateRef> caCertificateRefs,
        @JsonPropertyDescription("System: the public authorities that the relay's image knows.")
                String wellKnownCACertificates,
        @Size(max = SubjectAltNameSpec.LONGEST_HOSTNAME)
                @ValidationRule(value = SubjectAltNameSpec.HOSTNAME, message = SubjectAltNameSpec.HOSTNAME_MESSAGE)
                @JsonPropertyDescription(
                        """
                        The name that the relay asks for (SNI) and that the certificate must have. \
                        Default: the host of each target.""")
                String hostname,
        @Size(min = 1, max = SubjectAltNameSpec.MOST)
                @JsonPropertyDescription(
                        """
                        Names of which the certificate must have one, 1 to 16; hostname is then only asked for. \
                        Default: hostname, or the host of the target.""")
                List<SubjectAltNameSpec> subjectAltNames) {}
