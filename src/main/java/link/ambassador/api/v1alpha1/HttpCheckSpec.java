package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * A request to each target, and the statuses that a healthy target answers with.
 *
 * @param expectedStatuses null means 200 alone
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record HttpCheckSpec(
        @Required
                @Size(max = HttpCheckSpec.LONGEST_PATH)
                @ValidationRule(value = HttpCheckSpec.PATH, message = HttpCheckSpec.PATH_MESSAGE)
                @JsonPropertyDescription(
                        """
                        The path of a GET request, with a query if need be: for example /primary, which only the leader \
                        of a Patroni cluster answers with 200. At most 1024 characters.""")
                String path,
        @Size(min = 1, max = 16)
                @JsonPropertyDescription(
                        """
                        The statuses that a healthy target answers with, 1 to 16, each 200 to 599. Default: 200.""")
                List<Integer> expectedStatuses) {
    static final String PATH = "self.matches('^/[!-\"$-~]*$')";
    static final String PATH_MESSAGE =
            "must begin with '/' and have no spaces and no '#': for example /primary or /health?ready=true";
    static final int LONGEST_PATH = 1024;
}
