package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A name in a certificate, as in Gateway API's BackendTLSPolicy; with the syntax of {@code config.SubjectAltName}. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "self.type == 'URI' ? has(self.uri) && !has(self.hostname) : has(self.hostname) && !has(self.uri)",
        message = "must have the field of its type alone: \"type: URI\" with uri, or \"type: Hostname\" with hostname")
public record SubjectAltNameSpec(
        @Required @JsonPropertyDescription("URI or Hostname.") String type,
        @Size(max = SubjectAltNameSpec.LONGEST_HOSTNAME)
                @ValidationRule(value = SubjectAltNameSpec.HOSTNAME, message = SubjectAltNameSpec.HOSTNAME_MESSAGE)
                @JsonPropertyDescription("A DNS name of the certificate, with the type Hostname.")
                String hostname,
        @Size(max = SubjectAltNameSpec.LONGEST_URI)
                @ValidationRule(value = SubjectAltNameSpec.URI, message = SubjectAltNameSpec.URI_MESSAGE)
                @JsonPropertyDescription(
                        """
                        A URI of the certificate, with the type URI: for example spiffe://corp/ns/db/sa/pg. "*" at its \
                        end, behind a "/", stands for whatever follows.""")
                String uri) {
    static final int MOST = 16;

    private static final String LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
    static final String HOSTNAME =
            "self.matches('^" + LABEL + "([.]" + LABEL + ")*$') && !self.matches('(^|[.])[0-9]+$')";
    static final String HOSTNAME_MESSAGE =
            "must be a DNS name without a trailing dot and without a wildcard: for example pg.example.com";
    static final int LONGEST_HOSTNAME = 253;

    static final String URI = "self.matches('^[A-Za-z][A-Za-z0-9+.-]*:([!-)+-~]*[/][*]|[!-)+-~]+)$')";
    static final String URI_MESSAGE =
            "must be a URI such as spiffe://corp/ns/db/sa/pg, with '*' at its end only, and behind a '/'";
    static final int LONGEST_URI = 512;
}
