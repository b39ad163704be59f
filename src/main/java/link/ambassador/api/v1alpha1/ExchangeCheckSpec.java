package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** A few lines to each target, and the answers that a healthy target gives. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "has(self.credentialRef) == self.steps.exists(step, has(step.send) && step.send.contains('%s'))",
        fieldPath = ".credentialRef",
        message = "must be given when a step sends %s, which stands for the credential, and omitted when none does:"
                + " write \"send: \\\"AUTH %s\\\\r\\\\n\\\"\", or remove credentialRef")
public record ExchangeCheckSpec(
        @Required
                @Size(min = 1, max = 4)
                @JsonPropertyDescription(
                        """
                        What the relay sends and expects, 1 to 4 steps in order. A target is healthy when every step \
                        gets its answer.

                        Example:

                          steps:
                          - send: "INFO replication\\r\\n"
                            expect: "role:master\"""")
                List<ExchangeStepSpec> steps,
        @JsonPropertyDescription(
                        """
                        A password for the steps. The operator does not read it: the kubelet brings it into the relay's \
                        pod, and a changed one is used by the next check.""")
                CredentialRef credentialRef) {}
