package link.ambassador.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * What the user wants.
 *
 * @param retarget null when it was left out and no API server filled in the defaults
 * @param hold null means that nothing is held
 * @param placement null means a gateway. That is decided in code: as a default of the schema it would stand in the stored
 *     resource, and a sidecar that is added later would then be the second placement of one that must be the only one
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(Include.NON_NULL)
@ValidationRule(
        value = "(has(self.placement) && has(self.placement.sidecar))"
                + " == (has(oldSelf.placement) && has(oldSelf.placement.sidecar))",
        fieldPath = ".placement",
        message = "cannot change between gateway and sidecar (the default is a gateway). To move: create a second"
                + " Ambassador with the new placement and an alias that is the name consumers use, restart the"
                + " consumers, then delete this one")
@ValidationRule(
        value = "!has(self.hold) || !has(self.hold.links)"
                + " || self.hold.links.all(port, self.links.exists(link, link.listen == port))",
        fieldPath = ".hold.links",
        messageExpression = "'must be listen ports of links, and no link listens on %d: write a port of spec.links, or"
                + " omit links to hold every link'"
                + ".format([self.hold.links.filter(port, !self.links.exists(link, link.listen == port))[0]])")
@ValidationRule(
        value =
                "!has(self.placement) || !has(self.placement.sidecar) || !self.links.exists(link, has(link.downstreamTLS))",
        fieldPath = ".links",
        message = "must have no downstreamTLS with placement.sidecar: a sidecar listens on the loopback address of its"
                + " pod, where bytes cross no network. Remove downstreamTLS, or use a gateway")
@ValidationRule(
        value = "!has(self.placement) || !has(self.placement.sidecar)"
                + " || !self.links.exists(link, has(link.downstreamProxyProtocol))",
        fieldPath = ".links",
        message =
                "must have no downstreamProxyProtocol with placement.sidecar: a sidecar's downstreams are the programs of its"
                        + " pod, which send no header. Remove downstreamProxyProtocol, or use a gateway")
public record AmbassadorSpec(
        @Required
                @Size(min = 1, max = 16)
                @JsonPropertyDescription(
                        """
                        The ports that consumers connect to, 1 to 16, each with the targets that its connections go to. \
                        The listen port identifies a link: one with another port is another link. \
                        Edits are applied to the running relays; nothing restarts.

                        Example:

                          links:
                          - listen: 6379
                            targets:
                            - host: 192.168.1.52
                              port: 6379""")
                List<LinkSpec> links,
        @Default("{}")
                @JsonPropertyDescription(
                        """
                        What happens to open connections when the targets of their link change. \
                        New connections always go to the new targets at once.""")
                RetargetSpec retarget,
        @JsonPropertyDescription(
                        """
                        While it is here, new connections are accepted and wait; nothing reaches the targets. Remove it \
                        to release them, in the same edit as a change of the targets if you like. \
                        The condition Held is True when every relay holds and no connection to a target is left. \
                        Default: nothing is held.

                        Example:

                          hold:
                            timeout: 60s""")
                HoldSpec hold,
        @JsonPropertyDescription(
                        """
                        Where the relays run: gateway (separate pods behind a Service) or sidecar (in the pods of \
                        the consumers). Set one of the two. Default: a gateway with one relay. \
                        It cannot be changed later between the two: create a second Ambassador and move to it.""")
                PlacementSpec placement) {}
