package link.ambassador.relayspec;

import java.util.HashMap;
import java.util.Map;

/**
 * One fact about a relay.
 *
 * @param name the fact, as a name
 * @param fact the fact, as one line
 * @param needsRelay whether it says nothing about a connection without a relay
 * @param body throws when the fact does not hold
 * @param knownDifferences by a relay's name, why this fact cannot hold there
 */
public record Scenario(String name, String fact, boolean needsRelay, Body body, Map<String, String> knownDifferences) {

    /** What is done to the two ends. */
    @FunctionalInterface
    public interface Body {
        void play(Wire wire) throws Exception;
    }

    static Scenario of(String name, String fact, Body body) {
        return new Scenario(name, fact, false, body, Map.of());
    }

    /** A fact about connecting, which a connection without a relay has no room for. */
    static Scenario ofRelay(String name, String fact, Body body) {
        return new Scenario(name, fact, true, body, Map.of());
    }

    /** The same fact, excused for one relay more; the reason is printed wherever the result is. */
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
