package link.ambassador.operator.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import link.ambassador.config.Printable;

/**
 * What the latest change of a link's targets did to the connections that a relay had.
 *
 * @param from the name of the targets before it, by {@link link.ambassador.config.Sha256}; empty while the targets never changed
 */
public record RetargetAnswer(String from, long drained, long reset) {
    /** Empty when the relay does not say. */
    static Optional<RetargetAnswer> parse(JsonNode link) {
        JsonNode retarget = link.path("retarget");
        return retarget.isObject() || retarget.isNull()
                ? Optional.of(new RetargetAnswer(
                        Printable.text(retarget.path("from").asText("")),
                        RelayStatusReader.count(retarget.path("drained")),
                        RelayStatusReader.count(retarget.path("reset"))))
                : Optional.empty();
    }
}
