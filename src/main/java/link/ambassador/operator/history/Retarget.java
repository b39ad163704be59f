package link.ambassador.operator.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Annotations;
import link.ambassador.config.Labels;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.LinkTableWriter;
import link.ambassador.config.ParseResult;
import link.ambassador.config.Target;

/**
 * One retarget of an Ambassador, and the ControllerRevision that remembers it: the links before and after in its data, which Kubernetes
 * never lets anybody change, and what became of it in its annotations.
 *
 * @param generation of the Ambassador that asked for it
 * @param changedBy the field manager that wrote the spec, such as {@code kubectl-patch}; empty when nothing says
 * @param convergedAt when every relay had acknowledged it; empty until then, and for good when another retarget came first
 * @param outcome as in {@code status.lastRetarget}; empty while it is on its way, and for good when another retarget came first
 */
public record Retarget(
        long generation,
        List<Link> before,
        List<Link> after,
        String changedBy,
        Instant startedAt,
        Optional<Instant> convergedAt,
        Optional<String> outcome) {
    private static final String CHANGED_BY = Annotations.PREFIX + "changed-by";
    private static final String STARTED_AT = Annotations.PREFIX + "started-at";
    private static final String CONVERGED_AT = Annotations.PREFIX + "converged-at";
    private static final String OUTCOME = Annotations.PREFIX + "outcome";
    private static final String DRAINED = Annotations.PREFIX + "drained";
    private static final String RESET = Annotations.PREFIX + "reset";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Empty when somebody wrote into the object what this version cannot read. */
    static Optional<Retarget> of(ControllerRevision object) {
        Map<String, String> annotations =
                Optional.ofNullable(object.getMetadata().getAnnotations()).orElse(Map.of());
        JsonNode data = JSON.valueToTree(object.getData());
        Optional<List<Link>> before = links(data.path("before"));
        Optional<List<Link>> after = links(data.path("after"));
        Optional<Instant> startedAt = instant(annotations.get(STARTED_AT));
        if (before.isEmpty() || after.isEmpty() || startedAt.isEmpty() || object.getRevision() == null) {
            return Optional.empty();
        }
        return Optional.of(new Retarget(
                object.getRevision(),
                before.get(),
                after.get(),
                annotations.getOrDefault(CHANGED_BY, ""),
                startedAt.get(),
                instant(annotations.get(CONVERGED_AT)),
                Optional.ofNullable(annotations.get(OUTCOME))));
    }

    /** The object that remembers it. Its name is the generation's, so that it is created once, whoever tries again. */
    ControllerRevision toObject(Ambassador ambassador) {
        String name = ambassador.getMetadata().getName();
        return new ControllerRevisionBuilder()
                .withNewMetadata()
                .withNamespace(ambassador.getMetadata().getNamespace())
                .withName(name + "-ambassador-" + generation)
                .withLabels(new TreeMap<>(Map.of(
                        Labels.RETARGET_OF,
                        name,
                        Labels.APP_NAME,
                        "ambassador",
                        Labels.APP_INSTANCE,
                        name,
                        Labels.APP_PART_OF,
                        "ambassador",
                        Labels.APP_MANAGED_BY,
                        "ambassador-operator")))
                .withAnnotations(new TreeMap<>(Map.of(CHANGED_BY, changedBy, STARTED_AT, millis(startedAt))))
                .addNewOwnerReference()
                .withApiVersion(ambassador.getApiVersion())
                .withKind(ambassador.getKind())
                .withName(name)
                .withUid(ambassador.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .endOwnerReference()
                .endMetadata()
                .withRevision(generation)
                .withData(Map.of("before", json(before), "after", json(after)))
                .build();
    }

    /** What a merge patch of the object says once the retarget has an outcome. */
    static String patch(HistoryStep.Ending ending) {
        Map<String, String> annotations = new TreeMap<>(Map.of(OUTCOME, ending.outcome()));
        ending.convergedAt().ifPresent(at -> annotations.put(CONVERGED_AT, millis(at)));
        // Null takes those of an earlier try away.
        annotations.put(
                DRAINED, ending.connections().map(known -> "" + known.drained()).orElse(null));
        annotations.put(
                RESET, ending.connections().map(known -> "" + known.reset()).orElse(null));
        return JSON.valueToTree(Map.of("metadata", Map.of("annotations", annotations)))
                .toString();
    }

    /** The targets of each listen port: what a retarget is a change of. */
    static Map<Integer, List<Target>> targets(List<Link> links) {
        return links.stream().collect(Collectors.toMap(Link::listen, Link::targets));
    }

    private static Object json(List<Link> links) {
        try {
            return JSON.readValue(LinkTableWriter.write(LinkTable.of(links)), Object.class);
        } catch (IOException e) {
            throw new UncheckedIOException("what was written here can be read", e);
        }
    }

    private static Optional<List<Link>> links(JsonNode table) {
        try {
            return LinkTableReader.read(JSON.writeValueAsBytes(table)) instanceof ParseResult.Accepted accepted
                    ? Optional.of(accepted.table().links())
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.ofNullable(text).map(Instant::parse);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static String millis(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
