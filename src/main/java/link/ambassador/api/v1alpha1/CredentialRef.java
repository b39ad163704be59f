package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * One key of a Secret, with a password. The name of the Secret also names a volume of the relay's pod, which bounds it. The operator may
 * mount no other keys, so that its own rights lead to no token.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record CredentialRef(
        @Required
                @Size(max = CertificateRef.LONGEST_CREDENTIAL)
                @ValidationRule(value = CertificateRef.CREDENTIAL, message = CertificateRef.CREDENTIAL_MESSAGE)
                @JsonPropertyDescription(
                        """
                        The name of a Secret in this namespace: lower-case letters, digits and "-", a letter or digit at \
                        both ends, at most 48, because the volume ambassador-tls-<name> of the pod is named after it.""")
                String name,
        @Required
                @Size(max = CredentialRef.LONGEST_KEY)
                @ValidationRule(value = CredentialRef.KEY, message = CredentialRef.KEY_MESSAGE)
                @JsonPropertyDescription(
                        """
                        The key of the Secret that has the password: letters, digits, "-", "_" and ".", with "pass" in it, \
                        because the operator may mount no other keys; at most 63. For example password or redis-password.""")
                String key) {
    static final String KEY = "self.matches('^[A-Za-z0-9_-][A-Za-z0-9._-]*$') && self.lowerAscii().contains('pass')";
    static final String KEY_MESSAGE =
            "must be letters, digits, '-', '_' and '.', with \"pass\" in it, because the operator"
                    + " may mount no other keys: for example password or redis-password";
    static final int LONGEST_KEY = 63;
}
