package link.ambassador.config;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import link.ambassador.config.JsonReader.Rejection;

/** Parses what a link table says about waiting: a link's {@code hold} and its {@code whenUnavailable}. */
final class HoldParser {
    private static final String MAX_HELD_WANTED = "a whole number from 1 to " + Integer.MAX_VALUE;
    private static final String ACTION_WANTED = "\"Refuse\" or \"Hold\"";

    private final JsonReader json;

    HoldParser(JsonReader json) {
        this.json = json;
    }

    Hold hold() throws IOException, Rejection {
        String path = json.path();
        Instant startedAt = null;
        Duration timeout = null;
        WhenExpired whenExpired = Hold.DEFAULT_WHEN_EXPIRED;
        int maxHeld = Hold.DEFAULT_MAX_HELD;
        ExistingConnections existingConnections = Hold.DEFAULT_EXISTING_CONNECTIONS;
        Duration drainTimeout = Hold.DEFAULT_DRAIN_TIMEOUT;
        json.beginObject("a hold: an object with startedAt and timeout");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "startedAt" -> startedAt = startedAt();
                case "timeout" -> timeout = json.duration(Hold.TIMEOUT_WANTED, Hold.MIN_TIMEOUT, Hold.MAX_TIMEOUT);
                case "whenExpired" -> whenExpired = json.word(WhenExpired.class);
                case "maxHeld" -> maxHeld = (int) json.number(1, Integer.MAX_VALUE, MAX_HELD_WANTED);
                case "existingConnections" -> existingConnections = json.word(ExistingConnections.class);
                case "drainTimeout" -> drainTimeout = json.duration();
                default -> json.skipUnknown();
            }
        }
        JsonReader.require(startedAt != null, path, "startedAt", Hold.STARTED_AT_WANTED);
        JsonReader.require(timeout != null, path, "timeout", Hold.TIMEOUT_WANTED);
        return new Hold(startedAt, timeout, whenExpired, maxHeld, existingConnections, drainTimeout);
    }

    WhenUnavailable whenUnavailable() throws IOException, Rejection {
        String path = json.path();
        String action = null;
        Duration timeout = null;
        json.beginObject("an object with action, and with timeout if the action is \"Hold\"");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "action" -> action = json.string(ACTION_WANTED, WhenUnavailable::isAction);
                case "timeout" ->
                    timeout = json.duration(
                            WhenUnavailable.TIMEOUT_WANTED, Duration.ofMillis(1), WhenUnavailable.MAX_HOLD_TIMEOUT);
                default -> json.skipUnknown();
            }
        }
        JsonReader.require(action != null, path, "action", ACTION_WANTED);
        if (action.equals(WhenUnavailable.REFUSE_WORD)) {
            return WhenUnavailable.REFUSE;
        }
        JsonReader.require(timeout != null, path, "timeout", WhenUnavailable.TIMEOUT_WANTED);
        return WhenUnavailable.hold(timeout);
    }

    private Instant startedAt() throws IOException, Rejection {
        String text = json.string(
                Hold.STARTED_AT_WANTED, value -> Hold.parseTime(value).isPresent());
        return Hold.parseTime(text).orElseThrow();
    }
}
