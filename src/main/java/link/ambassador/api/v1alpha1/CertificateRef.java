package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A Secret with a certificate and its key. Its name also names a volume of the relay's pod, which bounds it. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record CertificateRef(
        @Required
                @Size(max = CertificateRef.LONGEST_CREDENTIAL)
                @ValidationRule(value = CertificateRef.CREDENTIAL, message = CertificateRef.CREDENTIAL_MESSAGE)
                @JsonPropertyDescription(
                        """
                        The name of the Secret: lower-case letters, digits and "-", a letter or digit at both ends, at most \
                        48, because the volume ambassador-tls-<name> of the pod is named after it.""")
                String name) {
    /** The name of an object, as DNS-1123 has it. */
    static final String VALUE = "self.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$')";

    static final String MESSAGE = "must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends"
            + " of each part between dots: for example company-ca";
    static final int LONGEST = 253;

    static final String CREDENTIAL = "self.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$')";
    static final String CREDENTIAL_MESSAGE =
            "must be lower-case letters, digits and '-', with a letter or digit at both"
                    + " ends: for example orders-db-client";

    /** Kubernetes allows a volume 63 characters, of which 15 are {@code ambassador-tls-}. */
    static final int LONGEST_CREDENTIAL = 48;
}
