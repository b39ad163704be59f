package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;

/** TLS towards the targets of a link. Nothing switches the verification of their certificates off. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "(self.mode == 'ClientAndServer') == has(self.clientCertificateRef)",
        fieldPath = ".clientCertificateRef",
        message = "must be given with the mode ClientAndServer, and omitted with every other mode")
@ValidationRule(
        value = "self.mode == 'None' || (has(self.validation)"
                + " && has(self.validation.caCertificateRefs) != has(self.validation.wellKnownCACertificates))",
        fieldPath = ".validation",
        message = "must have exactly one of caCertificateRefs and wellKnownCACertificates: write"
                + " \"caCertificateRefs: [{kind: ConfigMap, name: company-ca}]\", or \"wellKnownCACertificates: System\""
                + " for public authorities")
public record UpstreamTlsSpec(
        @Required
                @JsonPropertyDescription(
                        """
                        ServerOnly: the target shows a certificate. ClientAndServer: the target and the relay show one. \
                        None: bytes go to the targets as they are.""")
                String mode,
        @JsonPropertyDescription(
                        """
                        Which certificates of a target are good. The relay always verifies them: nothing switches \
                        that off.""")
                UpstreamValidation validation,
        @JsonPropertyDescription(
                        """
                        The certificate that the relay shows to a target: a Secret of type kubernetes.io/tls in this \
                        namespace. The operator does not read it: the kubelet brings it into the relay's pod. \
                        A renewed certificate is used at once, and nothing restarts.""")
                CertificateRef clientCertificateRef,
        @Default("Direct")
                @JsonPropertyDescription(
                        """
                        The request before the TLS handshake: none with Direct; with PostgreSQL, the one that \
                        PostgreSQL expects. Then consumers connect without TLS and need no change. \
                        Default: Direct.""")
                String negotiation,
        @Default("1.2") @JsonPropertyDescription("The oldest version of TLS: 1.2 or 1.3. Default: 1.2.")
                String minVersion) {}
