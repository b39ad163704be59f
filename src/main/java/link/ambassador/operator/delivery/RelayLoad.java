package link.ambassador.operator.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The open connections of a relay, from its answer on {@code /links}. Apart from {@link RelayStatus}, because they change all the time, and
 * a status that changes is reported.
 *
 * @param links at most 64, with 256 targets in all
 */
public record RelayLoad(List<LinkLoad> links) {
    private static final int MOST_LINKS = 64;
    private static final int MOST_TARGETS = 256;

    /**
     * The open connections of one link.
     *
     * @param open all of them, those to targets that it no longer has too
     */
    public record LinkLoad(int listen, int open, List<TargetLoad> targets) {}

    /**
     * The open connections to one target.
     *
     * @param ejected whether the relay passes it over, after a failed connect
     */
    public record TargetLoad(String target, int open, boolean ejected) {}

    static RelayLoad parse(JsonNode document) {
        List<LinkLoad> links = new ArrayList<>();
        int room = MOST_TARGETS;
        for (JsonNode link : document.path("links")) {
            if (links.size() == MOST_LINKS) {
                break;
            }
            List<TargetLoad> targets = targets(link, room);
            room -= targets.size();
            links.add(new LinkLoad(
                    link.path("listen").asInt(), count(link.path("connections").path("open")), targets));
        }
        return new RelayLoad(links);
    }

    private static List<TargetLoad> targets(JsonNode link, int most) {
        List<TargetLoad> targets = new ArrayList<>();
        for (JsonNode target : link.path("targets")) {
            if (targets.size() == most) {
                break;
            }
            targets.add(new TargetLoad(
                    RelayStatusReader.name(target),
                    count(target.path("open")),
                    target.path("ejected").asBoolean()));
        }
        return targets;
    }

    private static int count(JsonNode number) {
        return Math.max(0, number.asInt());
    }
}
