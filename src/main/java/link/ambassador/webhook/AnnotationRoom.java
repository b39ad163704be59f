package link.ambassador.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import link.ambassador.link.Annotations;
import link.ambassador.link.Link;
import link.ambassador.tables.PodTable;

/**
 * What the annotations of a pod leave for ours, in bytes: the API server refuses a pod whose annotations have more than
 * 256 KiB together, names included (apimachinery, TotalAnnotationSizeLimitB).
 */
record AnnotationRoom(int bytes) {
    private static final int ALL = 256 * 1024;

    /** For those that others write after us: a mesh's status, a LimitRange's note, what the kubelet keeps there. */
    private static final int LEFT_TO_OTHERS = 16 * 1024;

    static AnnotationRoom of(Map<String, String> annotations) {
        int others = annotations.entrySet().stream()
                .filter(annotation -> !annotation.getKey().equals(Annotations.LINKS)
                        && !annotation.getKey().equals(Annotations.INJECTED))
                .mapToInt(annotation -> bytes(annotation.getKey()) + bytes(annotation.getValue()))
                .sum();
        return new AnnotationRoom(
                ALL - LEFT_TO_OTHERS - others - bytes(Annotations.LINKS) - bytes(Annotations.INJECTED));
    }

    /** The list of what was injected is never half as long as the table. */
    int forTable() {
        return Math.min(PodTable.MOST_BYTES, bytes / 3 * 2);
    }

    boolean holds(PodTable table) {
        return bytes(table.json()) + bytes(injected(table)) <= bytes;
    }

    static void put(ObjectNode annotations, PodTable table) {
        annotations.put(Annotations.LINKS, table.json()).put(Annotations.INJECTED, injected(table));
    }

    private static String injected(PodTable table) {
        return table.table().links().stream().map(AnnotationRoom::injected).collect(Collectors.joining(","));
    }

    private static String injected(Link link) {
        return link.alias() + ":" + link.listen();
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
