package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import java.util.List;

/**
 * One listen port and its targets.
 *
 * @param alias null means the Ambassador's name
 * @param idleTimeout null means never
 * @param maxConnections null means no limit
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
public record LinkSpec(
        @JsonPropertyDescription("What consumers call it. Left out: the Ambassador's name.") String alias,
        @Required @JsonPropertyDescription("The port that consumers connect to.") Integer listen,
        @JsonPropertyDescription("TCP, the only value.") String protocol,
        @Required
                @JsonPropertyDescription("Where connections go, in order of preference: the first that answers serves.")
                List<TargetSpec> targets,
        @JsonPropertyDescription("How long one target may take to be resolved and connected.") String connectTimeout,
        @JsonPropertyDescription(
                        "A connection is closed after so long without a byte in either direction. Left out: never.")
                String idleTimeout,
        @JsonPropertyDescription("The same, once one direction has ended.") String halfCloseTimeout,
        @JsonPropertyDescription("How many connections there may be at once, in each relay. Left out: no limit.")
                Integer maxConnections) {}
