package link.ambassador.config;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import link.ambassador.config.JsonReader.Rejection;

/** Parses what a link table says of the health of targets: a link's {@code healthCheck} and its {@code failover}. */
final class HealthParser {
    private static final String TYPE_WANTED = "\"TCP\", \"HTTP\" or \"Exchange\"";
    private static final String HTTP_WANTED = "an object with path";
    private static final String EXCHANGE_WANTED = "an object with steps";
    private static final String WEIGHTS_WANTED = "an array of 1 to " + Link.MAX_TARGETS + " weights";

    private final JsonReader json;

    HealthParser(JsonReader json) {
        this.json = json;
    }

    HealthCheck healthCheck() throws IOException, Rejection {
        String path = json.path();
        String type = null;
        HealthCheck.Http http = null;
        HealthCheck.Exchange exchange = null;
        HealthCheck defaults = HealthCheck.of(new HealthCheck.Tcp());
        OptionalInt port = OptionalInt.empty();
        HealthCheck.Probing probing = defaults.probing();
        Duration interval = defaults.interval();
        Duration timeout = defaults.timeout();
        int unhealthyThreshold = defaults.unhealthyThreshold();
        int healthyThreshold = defaults.healthyThreshold();
        json.beginObject("an object with type");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "type" -> type = json.string(TYPE_WANTED, HealthParser::isType);
                case "port" -> port = OptionalInt.of((int) json.number(1, Ports.MAX, Ports.WANTED));
                case "http" -> http = http();
                case "exchange" -> exchange = exchange();
                case "probe" -> probing = json.word(HealthCheck.Probing.class);
                case "interval" ->
                    interval = json.duration(HealthCheck.INTERVAL_WANTED, HealthCheck.MIN_INTERVAL, DurationSyntax.MAX);
                case "timeout" -> timeout = json.duration();
                case "unhealthyThreshold" -> unhealthyThreshold = threshold();
                case "healthyThreshold" -> healthyThreshold = threshold();
                default -> throw json.unknown(field);
            }
        }
        JsonReader.require(type != null, path, "type", TYPE_WANTED);
        requireWith(HealthCheck.Http.TYPE, type, http != null, path, "http", HTTP_WANTED);
        requireWith(HealthCheck.Exchange.TYPE, type, exchange != null, path, "exchange", EXCHANGE_WANTED);
        HealthCheck.Check check = http != null ? http : exchange != null ? exchange : new HealthCheck.Tcp();
        return new HealthCheck(check, port, probing, interval, timeout, unhealthyThreshold, healthyThreshold);
    }

    private static boolean isType(String word) {
        return word.equals(HealthCheck.Tcp.TYPE)
                || word.equals(HealthCheck.Http.TYPE)
                || word.equals(HealthCheck.Exchange.TYPE);
    }

    /** Rejects a field that is there without its type, or its type without the field. */
    private static void requireWith(
            String wantedType, String type, boolean present, String path, String field, String wanted)
            throws Rejection {
        JsonReader.require(present || !type.equals(wantedType), path, field, wanted);
        if (present && !type.equals(wantedType)) {
            throw new Rejection(
                    JsonReader.child(path, field),
                    "an object with the type " + type,
                    "left out, or given with the type " + wantedType);
        }
    }

    private HealthCheck.Http http() throws IOException, Rejection {
        String place = json.path();
        String path = null;
        List<Integer> statuses = HealthCheck.Http.DEFAULT_EXPECTED_STATUSES;
        json.beginObject(HTTP_WANTED);
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "path" -> path = json.string(HealthCheck.Http.PATH_WANTED, HealthCheck.Http::isPath);
                case "expectedStatuses" ->
                    statuses = numbers(
                            HealthCheck.Http.MIN_STATUS,
                            HealthCheck.Http.MAX_STATUS,
                            HealthCheck.Http.MAX_STATUSES,
                            HealthCheck.Http.STATUSES_WANTED,
                            HealthCheck.Http.STATUS_WANTED);
                default -> throw json.unknown(field);
            }
        }
        JsonReader.require(path != null, place, "path", HealthCheck.Http.PATH_WANTED);
        return new HealthCheck.Http(path, statuses);
    }

    private HealthCheck.Exchange exchange() throws IOException, Rejection {
        String path = json.path();
        List<HealthCheck.Step> steps = null;
        Optional<Credential> credential = Optional.empty();
        json.beginObject(EXCHANGE_WANTED);
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "steps" -> steps = steps();
                case "credential" -> {
                    String text = json.string(
                            Credential.WANTED, value -> Credential.parse(value).isPresent());
                    credential = Credential.parse(text);
                }
                default -> throw json.unknown(field);
            }
        }
        JsonReader.require(steps != null, path, "steps", HealthCheck.Exchange.STEPS_WANTED);
        if (credential.isPresent() != HealthCheck.Exchange.wantsCredential(steps)) {
            String found = credential.isPresent() ? "a credential, and no " : "nothing, and ";
            throw new Rejection(
                    JsonReader.child(path, "credential"),
                    found + HealthCheck.Exchange.PLACEHOLDER + " in what is sent",
                    "given exactly when a step sends " + HealthCheck.Exchange.PLACEHOLDER);
        }
        return new HealthCheck.Exchange(steps, credential);
    }

    private List<HealthCheck.Step> steps() throws IOException, Rejection {
        String path = json.path();
        List<HealthCheck.Step> steps = new ArrayList<>();
        json.beginArray(HealthCheck.Exchange.STEPS_WANTED);
        while (json.nextElement()) {
            if (steps.size() == HealthCheck.Exchange.MAX_STEPS) {
                throw new Rejection(
                        path,
                        "more than " + HealthCheck.Exchange.MAX_STEPS + " steps",
                        HealthCheck.Exchange.STEPS_WANTED);
            }
            steps.add(step());
        }
        if (steps.isEmpty()) {
            throw new Rejection(path, "an empty array", HealthCheck.Exchange.STEPS_WANTED);
        }
        return steps;
    }

    private HealthCheck.Step step() throws IOException, Rejection {
        String path = json.path();
        String send = "";
        String expect = null;
        json.beginObject("an object with send and expect");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "send" -> send = json.string(HealthCheck.Step.SEND_WANTED, HealthCheck.Step::isSend);
                case "expect" -> expect = json.string(HealthCheck.Step.EXPECT_WANTED, HealthCheck.Step::isExpect);
                default -> throw json.unknown(field);
            }
        }
        JsonReader.require(expect != null, path, "expect", HealthCheck.Step.EXPECT_WANTED);
        return new HealthCheck.Step(send, expect);
    }

    private int threshold() throws IOException, Rejection {
        return (int) json.number(1, HealthCheck.MAX_THRESHOLD, HealthCheck.THRESHOLD_WANTED);
    }

    private List<Integer> numbers(int min, int max, int mostNumbers, String wanted, String numberWanted)
            throws IOException, Rejection {
        String path = json.path();
        List<Integer> numbers = new ArrayList<>();
        json.beginArray(wanted);
        while (json.nextElement()) {
            if (numbers.size() == mostNumbers) {
                throw new Rejection(path, "more than " + mostNumbers, wanted);
            }
            numbers.add((int) json.number(min, max, numberWanted));
        }
        if (numbers.isEmpty()) {
            throw new Rejection(path, "an empty array", wanted);
        }
        return numbers;
    }

    /** A link's failover as its document has it; {@link #resolve} makes it whole once the whole link is read. */
    record Parsed(
            String path,
            Failover.Selection selection,
            List<Integer> weights,
            Failover.Failback failback,
            ExistingConnections existingConnections,
            Optional<Failover.WhenNoneHealthy> whenNoneHealthy) {

        Failover resolve(Optional<HealthCheck> healthCheck, int targets) throws Rejection {
            if (healthCheck.isEmpty()) {
                throw new Rejection(
                        path, "an object, and no healthCheck", "given with one, such as {\"type\": \"TCP\"}");
            }
            String weightsPath = JsonReader.child(path, "weights");
            List<Integer> resolved = weights;
            if (selection != Failover.Selection.WEIGHTED) {
                if (!weights.isEmpty()) {
                    throw new Rejection(
                            weightsPath,
                            "an array with the selection " + selection.word(),
                            "left out, or given with the selection Weighted");
                }
            } else if (weights.isEmpty()) {
                resolved = Collections.nCopies(targets, Failover.DEFAULT_WEIGHT);
            } else if (weights.size() != targets) {
                throw new Rejection(
                        weightsPath, weights.size() + " weights for " + targets + " targets", "one for each target");
            } else if (Failover.isAllZero(weights)) {
                throw new Rejection(weightsPath, "only 0", "above 0 for at least one target");
            }
            if (selection == Failover.Selection.WEIGHTED && !failback.equals(Failover.Failback.IMMEDIATE)) {
                throw new Rejection(
                        JsonReader.child(path, "failback"),
                        "\"" + failback.word() + "\" with the selection Weighted",
                        "\"" + Failover.Failback.IMMEDIATE_WORD
                                + "\", or left out: a healthy target has its weight at once");
            }
            return new Failover(
                    selection,
                    resolved,
                    failback,
                    existingConnections,
                    whenNoneHealthy.orElse(Failover.WhenNoneHealthy.defaultFor(
                            healthCheck.get().check())));
        }
    }

    Parsed failover() throws IOException, Rejection {
        String path = json.path();
        Failover.Selection selection = Failover.DEFAULT_SELECTION;
        List<Integer> weights = List.of();
        Failover.Failback failback = Failover.DEFAULT_FAILBACK;
        ExistingConnections existingConnections = Failover.DEFAULT_EXISTING_CONNECTIONS;
        Optional<Failover.WhenNoneHealthy> whenNoneHealthy = Optional.empty();
        json.beginObject("an object such as {\"failback\": \"Never\"}");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "selection" -> selection = json.word(Failover.Selection.class);
                case "weights" ->
                    weights = numbers(0, Failover.MAX_WEIGHT, Link.MAX_TARGETS, WEIGHTS_WANTED, Failover.WEIGHT_WANTED);
                case "failback" -> {
                    String text = json.string(Failover.Failback.WANTED, value -> Failover.Failback.parse(value)
                            .isPresent());
                    failback = Failover.Failback.parse(text).orElseThrow();
                }
                case "existingConnections" -> existingConnections = json.word(ExistingConnections.class);
                case "whenNoneHealthy" -> whenNoneHealthy = Optional.of(json.word(Failover.WhenNoneHealthy.class));
                default -> throw json.unknown(field);
            }
        }
        return new Parsed(path, selection, weights, failback, existingConnections, whenNoneHealthy);
    }
}
