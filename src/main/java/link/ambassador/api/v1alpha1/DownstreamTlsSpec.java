package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** TLS towards the consumers of a link. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record DownstreamTlsSpec(
        @Required
                @JsonPropertyDescription(
                        """
                        The certificate that the relay shows to consumers: a Secret of type kubernetes.io/tls in this \
                        namespace. The operator does not read it: the kubelet brings it into the relay's pod. \
                        A renewed certificate is used at once, and nothing restarts.""")
                CertificateRef certificateRef,
        @JsonPropertyDescription(
                        """
                        Which consumers may connect. A consumer without a good certificate is refused before anything is \
                        dialled. Default: the relay asks consumers for no certificate.""")
                ClientValidation clientValidation,
        @Default("10s")
                @Size(max = DurationRule.LONGEST)
                @ValidationRule(value = DurationRule.VALUE, message = DurationRule.MESSAGE)
                @JsonPropertyDescription(
                        """
                        How long a consumer may take for its handshake. \
                        A duration such as 500ms, 2s or 1m30s, more than 0, at most 24h. Default: 10s.""")
                String handshakeTimeout) {}
