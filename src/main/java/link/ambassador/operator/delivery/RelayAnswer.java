package link.ambassador.operator.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a relay says of itself on {@code /links} of its admin port. Relays of other versions say more or less: what is
 * missing is empty here, and what is unknown is passed over.
 *
 * @param version of the relay; empty when it does not say
 * @param appliedRevision of the table that it serves; empty when it serves none, or one without a revision
 * @param rejected the table that it refused last, if that came after the one it serves
 */
public record RelayAnswer(
        String version, Optional<String> appliedRevision, Optional<Rejected> rejected, List<LinkAnswer> links) {
    /**
     * A table that was refused.
     *
     * @param revision empty when the document was too broken to tell
     */
    public record Rejected(Optional<String> revision, String error) {}

    /**
     * One link as it is served.
     *
     * @param error why it cannot listen; empty when it does, or was not tried yet
     */
    public record LinkAnswer(String alias, int listen, boolean listening, String error, List<TargetAnswer> targets) {}

    /**
     * What the dials of a relay learned of a target.
     *
     * @param lastResult of the latest dial; empty when it was never dialled
     * @param lastError a sentence; empty when there is none
     */
    public record TargetAnswer(String target, Optional<String> lastResult, String lastError) {}

    /** The same with the links on these ports alone. */
    RelayAnswer only(Set<Integer> ports) {
        return new RelayAnswer(
                version,
                appliedRevision,
                rejected,
                links.stream().filter(link -> ports.contains(link.listen())).toList());
    }

    public static RelayAnswer parse(JsonNode document) {
        List<LinkAnswer> links = new ArrayList<>();
        document.path("links").forEach(link -> links.add(link(link)));
        return new RelayAnswer(
                document.path("version").asText(""),
                text(document.path("applied").path("revision")),
                Optional.of(document.path("rejected"))
                        .filter(JsonNode::isObject)
                        .map(rejected -> new Rejected(
                                text(rejected.path("revision")),
                                rejected.path("error").asText(""))),
                links);
    }

    private static LinkAnswer link(JsonNode link) {
        List<TargetAnswer> targets = new ArrayList<>();
        link.path("targets").forEach(target -> targets.add(target(target)));
        return new LinkAnswer(
                link.path("alias").asText(""),
                link.path("listen").asInt(),
                "listening".equals(link.path("state").asText()),
                link.path("error").asText(""),
                targets);
    }

    private static TargetAnswer target(JsonNode target) {
        String host = target.path("host").asText("");
        return new TargetAnswer(
                (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":"
                        + target.path("port").asInt(),
                text(target.path("lastResult")),
                target.path("lastError").asText(""));
    }

    private static Optional<String> text(JsonNode node) {
        return node.isTextual() ? Optional.of(node.asText()) : Optional.empty();
    }
}
