package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** How many failed connects are too many. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record FailureThresholdSpec(
        @Default("1%")
                @Size(max = 4)
                @ValidationRule(
                        value = "self.matches('^([0-9]|[1-9][0-9]|100)%$')",
                        message = "must be a percentage such as 1%, from 0% to 100%")
                @JsonPropertyDescription(
                        """
                        The share of connects to the new targets that may fail: more is a failure. Default: 1%.""")
                String failedConnects,
        @Default("20")
                @Min(1)
                @Max(1_000_000)
                @JsonPropertyDescription(
                        """
                        With fewer connects than this nothing is decided about failures, 1 to 1000000. \
                        Default: 20.""")
                Integer minConnects) {}
