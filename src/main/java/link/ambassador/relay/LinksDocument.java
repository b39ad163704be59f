package link.ambassador.relay;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import link.ambassador.link.Target;
import link.ambassador.relay.dial.TargetHealth;

/** What {@code /links} serves: the table that is applied, and how each of its links is. */
final class LinksDocument {
    private LinksDocument() {}

    /** On the event loop. */
    static JsonObject of(Relay relay, String version) {
        JsonArray links = new JsonArray();
        relay.links().forEach(link -> links.add(of(link)));
        return new JsonObject()
                .put("version", version)
                .put("transport", relay.transportName())
                .put("startedAt", relay.startedAt().toString())
                .put("started", relay.isStarted())
                .put("ready", relay.isReady())
                .put("applied", applied(relay))
                .put("links", links);
    }

    private static JsonObject applied(Relay relay) {
        return relay.table()
                .map(table -> new JsonObject()
                        .put("revision", table.revision().orElse(null))
                        .put("at", relay.appliedAt().orElseThrow().toString()))
                .orElse(null);
    }

    private static JsonObject of(ServedLink served) {
        JsonArray listeners = new JsonArray();
        for (LinkListener listener : served.listeners()) {
            listeners.add(new JsonObject()
                    .put("address", listener.address())
                    .put("state", listener.state().name())
                    .put("error", listener.error().isEmpty() ? null : listener.error()));
        }
        JsonArray targets = new JsonArray();
        served.link().targets().forEach(target -> targets.add(of(target, served.health())));
        return new JsonObject()
                .put("alias", served.link().alias())
                .put("listen", served.link().listen())
                .put("state", served.isListening() ? "listening" : "error")
                .put("listeners", listeners)
                .put("targets", targets)
                .put(
                        "connections",
                        new JsonObject()
                                .put("open", served.traffic().open())
                                .put(
                                        "max",
                                        served.link().maxConnections().isPresent()
                                                ? served.link().maxConnections().getAsInt()
                                                : null));
    }

    private static JsonObject of(Target target, TargetHealth health) {
        Optional<TargetHealth.Seen> seen = health.seen(target);
        return new JsonObject()
                .put("host", target.host())
                .put("port", target.port())
                .put("inUse", health.inUse().filter(target::equals).isPresent())
                .put("passedOver", health.isPassedOver(target))
                .put("lastResult", seen.map(last -> last.result().label()).orElse(null))
                .put(
                        "lastError",
                        seen.map(TargetHealth.Seen::sentence)
                                .filter(text -> !text.isEmpty())
                                .orElse(null));
    }
}
