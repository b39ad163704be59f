package link.ambassador.relay.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.config.Feature;
import link.ambassador.config.Sha256;
import link.ambassador.config.Source;
import link.ambassador.config.Target;
import link.ambassador.relay.RelaySnapshot;
import link.ambassador.relay.TableStatus;
import link.ambassador.relay.dial.CheckedTarget;
import link.ambassador.relay.dial.CheckedTargets;
import link.ambassador.relay.dial.TargetHealth;
import link.ambassador.relay.proxy.HealthSnapshot;
import link.ambassador.relay.proxy.HoldSnapshot;
import link.ambassador.relay.proxy.LinkHold;
import link.ambassador.relay.proxy.LinkPreflight;
import link.ambassador.relay.proxy.LinkSnapshot;
import link.ambassador.relay.proxy.PreflightSnapshot;
import link.ambassador.relay.proxy.RetargetOutcome;
import link.ambassador.relay.tls.CertificateState;
import link.ambassador.relay.tls.LinkTls;
import link.ambassador.relay.tls.TlsSnapshot;

/**
 * The document of {@code /links}, by which a relay acknowledges a table: the applied table and the state of each link.
 * {@code docs/link-table.md} lists its fields.
 */
public final class LinksDocument {
    private LinksDocument() {}

    public static JsonObject of(RelaySnapshot relay, String version) {
        return new JsonObject()
                .put("version", version)
                .put(
                        "features",
                        new JsonArray(
                                Stream.of(Feature.values()).map(Feature::word).toList()))
                .put("transport", relay.transport())
                .put("startedAt", text(relay.clock().startedAt()))
                .put("started", relay.isStarted())
                .put("ready", relay.isReady())
                .put(
                        "file",
                        relay.settings()
                                .linksFile()
                                .map(path -> new JsonObject()
                                        .put("path", path.toString())
                                        .put("noTable", relay.table().noTable().orElse(null)))
                                .orElse(null))
                .put("applied", relay.table().applied().map(LinksDocument::of).orElse(null))
                .put("rejected", relay.table().rejected().map(LinksDocument::of).orElse(null))
                .put("links", array(relay.links().stream().map(link -> of(relay, link))))
                .put("certificates", array(relay.certificates().stream().map(LinksDocument::of)))
                .put("leaving", array(relay.leaving().stream().map(link -> named(link)
                        .put("connections", connections(link)))));
    }

    private static JsonObject of(TableStatus.Applied applied) {
        return new JsonObject()
                .put("revision", applied.table().revision().orElse(null))
                .put("at", text(applied.at()))
                .put("sources", array(applied.table().sources().stream().map(LinksDocument::of)))
                .put("unknownFields", new JsonArray(applied.unknownFields()));
    }

    private static JsonObject of(Source source) {
        return new JsonObject()
                .put("namespace", source.namespace())
                .put("name", source.name())
                .put("generation", source.generation());
    }

    private static JsonObject of(CertificateState certificate) {
        return new JsonObject()
                .put("name", certificate.name())
                .put("notAfter", certificate.notAfter().map(LinksDocument::text).orElse(null))
                .put("error", certificate.error().isEmpty() ? null : certificate.error());
    }

    private static JsonObject of(LinkTls.Peer peer) {
        return new JsonObject()
                .put("version", peer.version())
                .put("cipher", peer.cipher())
                .put("peer", peer.name())
                .put("notAfter", peer.notAfter().map(LinksDocument::text).orElse(null));
    }

    private static JsonObject of(TableStatus.Rejected rejected) {
        return new JsonObject()
                .put("revision", rejected.revision().orElse(null))
                .put("error", rejected.error())
                .put("at", text(rejected.at()));
    }

    private static JsonObject of(RelaySnapshot relay, LinkSnapshot link) {
        Map<Target, Integer> open = link.openByTarget();
        return named(link)
                .put("existingConnections", link.link().existingConnections().word())
                .put("state", state(link))
                .put("error", error(link))
                .put("listeners", array(link.listeners().stream().map(LinksDocument::of)))
                .put("targets", array(link.link().targets().stream().map(target -> of(
                                relay, target, link.health(), open.getOrDefault(target, 0))
                        .put("tls", tls(link, target))
                        .put("hint", hint(link, target))
                        .mergeIn(health(relay, link, target)))))
                .put("failovers", link.checks().map(HealthSnapshot::failovers).orElse(null))
                .put("connections", connections(link))
                .put("downstreams", array(link.tls().stream().flatMap(LinksDocument::downstreams)))
                .put("hold", link.hold().map(hold -> of(relay, hold)).orElse(null))
                .put("retarget", link.latestRetarget().map(LinksDocument::of).orElse(null))
                .put(
                        "preflight",
                        link.preflight().map(preflight -> of(relay, preflight)).orElse(null));
    }

    private static JsonObject of(RelaySnapshot relay, HoldSnapshot hold) {
        boolean isHolding = hold.state() == LinkHold.State.HOLDING;
        return new JsonObject()
                // Not truncated: it identifies the hold.
                .put("startedAt", hold.hold().startedAt().toString())
                .put("state", hold.state().word())
                .put("since", text(relay.clock().at(hold.sinceNanos())))
                .put("until", text(relay.clock().at(hold.untilNanos())))
                .put("endedAt", isHolding ? null : text(relay.clock().at(hold.endedNanos())))
                .put("held", hold.held())
                .put("heldTotal", hold.heldTotal())
                .put("overflow", hold.overflow())
                .put("longestWaitMillis", TimeUnit.NANOSECONDS.toMillis(hold.longestWaitNanos()));
    }

    private static JsonObject of(RelaySnapshot relay, PreflightSnapshot preflight) {
        boolean isFirst = preflight.state() == LinkPreflight.State.DIALLING;
        return new JsonObject()
                .put("host", preflight.target().host())
                .put("port", preflight.target().port())
                .put("candidate", preflight.candidate())
                .put("state", preflight.state().word())
                .put("error", preflight.sentence().isEmpty() ? null : preflight.sentence())
                .put("dials", preflight.dials())
                .put("since", text(relay.clock().at(preflight.sinceNanos())))
                .put("lastAt", isFirst ? null : text(relay.clock().at(preflight.lastNanos())));
    }

    private static JsonObject of(RetargetOutcome retarget) {
        return new JsonObject()
                .put("from", Sha256.of(retarget.from()))
                .put("drained", retarget.drained())
                .put("reset", retarget.reset());
    }

    private static JsonObject tls(LinkSnapshot link, Target target) {
        return link.tls()
                .map(TlsSnapshot::peers)
                .flatMap(peers -> Optional.ofNullable(peers.get(target)))
                .map(LinksDocument::of)
                .orElse(null);
    }

    private static Stream<JsonObject> downstreams(TlsSnapshot tls) {
        Stream<JsonObject> named = tls.openByDownstream().entrySet().stream()
                .map(each -> new JsonObject().put("peer", each.getKey()).put("open", each.getValue()));
        return tls.openOfOthers() == 0
                ? named
                : Stream.concat(
                        named, Stream.of(new JsonObject().putNull("peer").put("open", tls.openOfOthers())));
    }

    private static String hint(LinkSnapshot link, Target target) {
        return link.closingAtHeader().contains(target)
                ? target
                        + " closed the latest connections right after the PROXY protocol header: it may not expect"
                        + " one, or not from this relay, or another version"
                : null;
    }

    private static JsonObject named(LinkSnapshot link) {
        return new JsonObject()
                .put("alias", link.link().alias())
                .put("listen", link.link().listen());
    }

    private static String state(LinkSnapshot link) {
        if (link.isListening()) {
            return "listening";
        }
        return link.isTried() ? "error" : "opening";
    }

    private static String error(LinkSnapshot link) {
        String errors = link.listeners().stream()
                .map(LinkSnapshot.Listener::error)
                .filter(error -> !error.isEmpty())
                .collect(Collectors.joining("; "));
        return errors.isEmpty() ? null : errors;
    }

    private static JsonObject of(LinkSnapshot.Listener listener) {
        return new JsonObject()
                .put("address", listener.address())
                .put("state", listener.state().name())
                .put("error", listener.error().isEmpty() ? null : listener.error());
    }

    private static JsonObject connections(LinkSnapshot link) {
        return new JsonObject()
                .put("open", link.counters().open())
                .put("draining", link.draining())
                .put("held", link.held())
                .put("retrying", link.retrying())
                .put(
                        "max",
                        link.link().maxConnections().isPresent()
                                ? link.link().maxConnections().getAsInt()
                                : null);
    }

    private static JsonObject of(RelaySnapshot relay, Target target, TargetHealth health, int open) {
        Optional<TargetHealth.LastTry> lastTry = health.lastTry(target);
        TargetHealth.Tries tries = health.tries(target);
        return new JsonObject()
                .put("host", target.host())
                .put("port", target.port())
                .put("active", health.active().equals(Optional.of(target)))
                .put("ejected", health.isEjected(target))
                .put("open", open)
                .put(
                        "dials",
                        new JsonObject()
                                .put("ok", tries.ok())
                                .put("failed", tries.failed())
                                .put("unanswered", tries.unanswered()))
                .put("lastResult", lastTry.map(last -> last.result().label()).orElse(null))
                .put(
                        "lastError",
                        lastTry.map(TargetHealth.LastTry::sentence)
                                .filter(text -> !text.isEmpty())
                                .orElse(null))
                .put(
                        "lastAt",
                        lastTry.map(last -> text(relay.clock().at(last.atNanos())))
                                .orElse(null));
    }

    /** What a health check tells of a target. */
    private static JsonObject health(RelaySnapshot relay, LinkSnapshot link, Target target) {
        Optional<CheckedTargets.Snapshot> checked =
                link.checks().map(HealthSnapshot::targets).flatMap(known -> Optional.ofNullable(known.get(target)));
        if (checked.isEmpty()) {
            return new JsonObject().put("health", null);
        }
        CheckedTargets.Snapshot known = checked.get();
        return new JsonObject()
                .put("ejected", known.state() == CheckedTarget.State.UNHEALTHY)
                .put(
                        "health",
                        new JsonObject()
                                .put("state", known.state().word())
                                .put("since", text(relay.clock().at(known.sinceNanos())))
                                .put("inUse", link.checks().get().inUse().equals(Optional.of(target)))
                                .put("error", known.error().isEmpty() ? null : known.error()));
    }

    private static JsonArray array(Stream<JsonObject> objects) {
        JsonArray array = new JsonArray();
        objects.forEach(array::add);
        return array;
    }

    private static String text(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
