package link.ambassador.relayspec;

import java.util.HashMap;
import java.util.Map;

/**
 * One fact about a relay.
 *
 * @param name the fact, as a name
 * @param fact the fact, as one line
 * @param needsRelay whether it is meaningless for a connection without a relay
 * @param body throws when the fact does not hold
 * @param knownDifferences by relay name: why this fact cannot hold for that relay
 */
public record Scenario(String name, String fact, boolean needsRelay, Body body, Map<String, String> knownDifferences) {

    /** The steps of a scenario. */
    @FunctionalInterface
    public interface Body {
        void run(Wire wire) throws Exception;
    }

    static Scenario of(String name, String fact, Body body) {
        return new Scenario(name, fact, false, body, Map.of());
    }

    /** A fact about connecting, which is meaningless without a relay. */
    static Scenario ofRelay(String name, String fact, Body body) {
        return new Scenario(name, fact, true, body, Map.of());
    }

    /** The same fact with one more excused relay. The reason is printed with each result. */
    public Scenario knownDifference(String relay, String reason) {
        Map<String, String> differences = new HashMap<>(knownDifferences);
        differences.put(relay, reason);
        return new Scenario(name, fact, needsRelay, body, differences);
    }

    @Override
    public String toString() {
        return name;
    }
}
