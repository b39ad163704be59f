package link.ambassador.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.config.Annotations;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.model.Credentials;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.PodTable;

/**
 * The bytes that the annotations of a pod leave for the operator's own: the API server refuses a pod whose annotations have more than
 * 256 KiB together, names included (apimachinery, TotalAnnotationSizeLimitB).
 */
record AnnotationBudget(int bytes) {
    private static final int ALL = 256 * 1024;

    /** For annotations that are added later, by a mesh, a LimitRange or the kubelet. */
    private static final int LEFT_TO_OTHERS = 16 * 1024;

    private static final Set<String> OURS = Set.of(
            Annotations.LINKS,
            Annotations.INJECTED,
            Annotations.INJECTION_REASON,
            Annotations.RELAY_FEATURES,
            Annotations.CREDENTIALS);

    private static final String RELAY_FEATURES = Feature.words(EnumSet.allOf(Feature.class));

    private static final int MOST_REASON_BYTES = Arrays.stream(InjectionReason.values())
            .mapToInt(reason -> bytes(reason.word()))
            .max()
            .orElseThrow();

    static AnnotationBudget of(Map<String, String> annotations) {
        int others = annotations.entrySet().stream()
                .filter(annotation -> !OURS.contains(annotation.getKey()))
                .mapToInt(annotation -> bytes(annotation.getKey()) + bytes(annotation.getValue()))
                .sum();
        return new AnnotationBudget(ALL
                - LEFT_TO_OTHERS
                - others
                - OURS.stream().mapToInt(AnnotationBudget::bytes).sum()
                - bytes(RELAY_FEATURES)
                - MOST_REASON_BYTES);
    }

    /** Whether {@link Annotations#INJECTION_REASON} fits alone; it may use the bytes that are left to others. */
    static boolean holdsReason(Map<String, String> annotations) {
        return of(annotations).bytes() + LEFT_TO_OTHERS >= 0;
    }

    /** The list of injected links is always less than half as long as the table. */
    int forTable() {
        return Math.min(PodTable.MOST_BYTES, bytes / 3 * 2);
    }

    boolean holds(PodTable table) {
        return bytes(table.json()) + bytes(injected(table)) <= bytes;
    }

    static void put(ObjectNode annotations, PodTable table, Set<String> credentials, InjectionReason reason) {
        if (credentials.isEmpty()) {
            annotations.remove(Annotations.CREDENTIALS);
        } else {
            annotations.put(Annotations.CREDENTIALS, Credentials.words(credentials));
        }
        annotations
                .put(Annotations.LINKS, table.json())
                .put(Annotations.INJECTED, injected(table))
                .put(Annotations.RELAY_FEATURES, RELAY_FEATURES)
                .put(Annotations.INJECTION_REASON, reason.word());
    }

    private static String injected(PodTable table) {
        return table.table().links().stream().map(AnnotationBudget::injected).collect(Collectors.joining(","));
    }

    private static String injected(Link link) {
        return link.alias() + ":" + link.listen();
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
