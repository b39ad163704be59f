package link.ambassador.operator.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.Hold;
import link.ambassador.config.Printable;
import link.ambassador.model.RelayPodDefaults;
import link.ambassador.operator.delivery.RelayStatus.CertificateAnswer;
import link.ambassador.operator.delivery.RelayStatus.Dials;
import link.ambassador.operator.delivery.RelayStatus.HealthAnswer;
import link.ambassador.operator.delivery.RelayStatus.HoldAnswer;
import link.ambassador.operator.delivery.RelayStatus.LinkAnswer;
import link.ambassador.operator.delivery.RelayStatus.PreflightAnswer;
import link.ambassador.operator.delivery.RelayStatus.Rejected;
import link.ambassador.operator.delivery.RelayStatus.TargetAnswer;

/**
 * Reads the document {@code /links} of a relay. Relays of other versions answer more or less: a missing field is empty, and an unknown
 * one is ignored. Something else than a relay may answer. So texts are {@linkplain Printable fit to be shown}, and links and targets
 * beyond what a pod's table can have are dropped.
 */
public final class RelayStatusReader {
    private static final int MOST_CERTIFICATES = 2 * RelayPodDefaults.MOST_CREDENTIALS;
    private static final int MOST_LINKS = 1024;
    private static final int MOST_TARGETS = 1024;

    /** More connections than a relay can have, and in milliseconds a longer wait than that of a hold. */
    private static final long MOST_COUNTED = 10_000_000;

    private RelayStatusReader() {}

    public static RelayStatus read(JsonNode document) {
        List<LinkAnswer> links = new ArrayList<>();
        int targets = 0;
        for (JsonNode link : document.path("links")) {
            if (links.size() == MOST_LINKS) {
                break;
            }
            LinkAnswer answer = link(link, MOST_TARGETS - targets);
            targets += answer.targets().size();
            links.add(answer);
        }
        return new RelayStatus(
                Printable.text(document.path("version").asText("")),
                word(document.path("applied").path("revision")),
                Optional.of(document.path("rejected"))
                        .filter(JsonNode::isObject)
                        .map(rejected ->
                                new Rejected(word(rejected.path("revision")), sentence(rejected.path("error")))),
                links,
                certificates(document.path("certificates")));
    }

    private static List<CertificateAnswer> certificates(JsonNode documents) {
        List<CertificateAnswer> certificates = new ArrayList<>();
        for (JsonNode certificate : documents) {
            if (certificates.size() == MOST_CERTIFICATES) {
                break;
            }
            certificates.add(new CertificateAnswer(
                    Printable.text(certificate.path("name").asText("")), sentence(certificate.path("error"))));
        }
        return certificates;
    }

    private static LinkAnswer link(JsonNode link, int mostTargets) {
        List<TargetAnswer> targets = new ArrayList<>();
        for (JsonNode target : link.path("targets")) {
            if (targets.size() == mostTargets) {
                break;
            }
            targets.add(target(target));
        }
        return new LinkAnswer(
                Printable.text(link.path("alias").asText("")),
                link.path("listen").asInt(),
                "listening".equals(link.path("state").asText()),
                sentence(link.path("error")),
                targets,
                hold(link),
                preflight(link.path("preflight")),
                RetargetAnswer.parse(link));
    }

    private static Optional<PreflightAnswer> preflight(JsonNode preflight) {
        return preflight.isObject()
                ? Optional.of(new PreflightAnswer(
                        name(preflight),
                        preflight.path("candidate").asBoolean(),
                        Printable.text(preflight.path("state").asText("")),
                        sentence(preflight.path("error"))))
                : Optional.empty();
    }

    private static Optional<HoldAnswer> hold(JsonNode link) {
        JsonNode hold = link.path("hold");
        return Hold.parseTime(hold.path("startedAt").asText("")).map(startedAt -> {
            String state = Printable.text(hold.path("state").asText(""));
            long held = count(hold.path("held"));
            JsonNode connections = link.path("connections");
            long left = Math.max(0, count(connections.path("open")) - count(connections.path("held")));
            return new HoldAnswer(
                    startedAt,
                    state,
                    held,
                    state.equals(HoldAnswer.HOLDING) ? left : 0,
                    count(hold.path("heldTotal")),
                    Duration.ofMillis(count(hold.path("longestWaitMillis"))));
        });
    }

    /** Within what a relay can answer, so that a sum of many is a number too. */
    static long count(JsonNode node) {
        return Math.max(0, Math.min(node.asLong(), MOST_COUNTED));
    }

    private static TargetAnswer target(JsonNode target) {
        return new TargetAnswer(
                name(target),
                word(target.path("lastResult")),
                sentence(target.path("lastError")),
                Optional.of(target.path("dials"))
                        .filter(JsonNode::isObject)
                        .map(dials -> new Dials(
                                count(dials.path("ok")), count(dials.path("failed")), count(dials.path("unanswered")))),
                health(target.path("health")),
                sentence(target.path("hint")));
    }

    private static Optional<HealthAnswer> health(JsonNode health) {
        return word(health.path("state"))
                .map(state ->
                        new HealthAnswer(state, health.path("inUse").asBoolean(), sentence(health.path("error"))));
    }

    /** Host and port of a target, as {@link link.ambassador.config.Target} writes them. */
    static String name(JsonNode target) {
        String host = sentence(target.path("host"));
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":"
                + target.path("port").asInt();
    }

    private static Optional<String> word(JsonNode node) {
        return node.isTextual() ? Optional.of(Printable.text(node.asText())) : Optional.empty();
    }

    /** Empty when there is none. */
    private static String sentence(JsonNode node) {
        return Printable.sentence(node.asText(""));
    }
}
