package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * The header that tells a target who the consumer is.
 *
 * @param version V1 or V2; a word, as in {@link RetargetSpec}
 * @param tlvs UniqueID and PodIdentity; null means neither
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "self.version == 'V2' || !has(self.tlvs)",
        fieldPath = ".tlvs",
        message =
                "must be omitted with the version V1, whose header has addresses alone: write \"version: V2\", or remove tlvs")
public record UpstreamProxyProtocolSpec(
        @Default("V2")
                @JsonPropertyDescription(
                        """
                        The version of the PROXY protocol: V1 (one line of text) or V2 (binary). \
                        Each target must expect a header, and accepts the versions that it was written for. \
                        Default: V2.""")
                String version,
        @Size(min = 1, max = 2)
                @JsonPropertyDescription(
                        """
                        What the header has in addition to the addresses, with V2 only. \
                        UniqueID: an identifier, another one for each connection. \
                        PodIdentity: the namespace and the name of the consumer's pod in a sidecar, and of the relay's \
                        pod in a gateway, as the type 0xE0. \
                        Default: neither.""")
                List<String> tlvs) {}
