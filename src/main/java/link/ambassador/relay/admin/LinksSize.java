package link.ambassador.relay.admin;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Consumer;

/**
 * Bounds {@code /links}: an operator reads at most 256 KiB of an answer. A document that would be too large says less, step by step, and
 * says that it does. What an operator decides by goes last.
 */
final class LinksSize {
    /** Above this a document is shortened. */
    static final int MAX_BYTES = 192 * 1024;

    /** The most characters of a sentence, in any document. */
    static final int LONGEST_SENTENCE = 1000;

    private static final List<String> SENTENCES = List.of("error", "lastError", "hint");

    private static final List<Consumer<JsonObject>> STEPS = List.of(
            document -> cut(document, 100),
            document -> {
                eachLink(document, link -> {
                    link.remove("downstreams");
                    eachTarget(link, target -> target.remove("tls"));
                });
                cut(document, 40);
            },
            document -> eachLink(document, link -> {
                remove(link, "listeners", "existingConnections", "failovers", "retarget");
                eachTarget(link, target -> remove(target, "dials", "lastAt"));
                removeEmpty(link);
            }));

    private LinksSize() {}

    /** As JSON in UTF-8. Changes the document. */
    static Buffer write(JsonObject document) {
        eachObject(document, object -> SENTENCES.forEach(name -> cut(object, name, LONGEST_SENTENCE)));
        Buffer written = document.put("shortened", false).toBuffer();
        for (Consumer<JsonObject> step : STEPS) {
            if (written.length() <= MAX_BYTES) {
                break;
            }
            step.accept(document);
            written = document.put("shortened", true).toBuffer();
        }
        return written;
    }

    /** Cuts each sentence, and does not repeat the name of its target. */
    private static void cut(JsonObject document, int longest) {
        eachLink(document, link -> {
            withoutName(link.getJsonObject("preflight"));
            eachTarget(link, LinksSize::withoutName);
        });
        eachObject(document, object -> SENTENCES.forEach(name -> cut(object, name, longest)));
    }

    private static void withoutName(JsonObject target) {
        if (target != null) {
            String host = target.getString("host");
            eachObject(
                    target,
                    object -> SENTENCES.forEach(
                            name -> object.getMap().computeIfPresent(name, (key, text) -> text.toString()
                                    .replace(host, "…"))));
        }
    }

    /** Keeps the begin and the end: mostly the end says why. */
    private static void cut(JsonObject object, String name, int longest) {
        if (object.getValue(name) instanceof String text && text.length() > longest) {
            int begin = boundary(text, longest / 4);
            int end = boundary(text, text.length() - (longest - longest / 4 - 1));
            object.put(name, text.substring(0, begin) + "…" + text.substring(end));
        }
    }

    private static int boundary(String text, int index) {
        return Character.isLowSurrogate(text.charAt(index)) ? index + 1 : index;
    }

    private static void remove(JsonObject object, String... names) {
        List.of(names).forEach(object::remove);
    }

    /** What a reader supposes anyway: null, false, 0, and lists without an element. */
    private static void removeEmpty(Object node) {
        eachObject(node, object -> object.getMap()
                .values()
                .removeIf(value -> value == null
                        || value.equals(false)
                        || (value instanceof Number number && number.longValue() == 0)
                        || (value instanceof JsonArray array && array.isEmpty())));
    }

    private static void eachLink(JsonObject document, Consumer<JsonObject> visitor) {
        document.getJsonArray("links").forEach(link -> visitor.accept((JsonObject) link));
    }

    private static void eachTarget(JsonObject link, Consumer<JsonObject> visitor) {
        link.getJsonArray("targets").forEach(target -> visitor.accept((JsonObject) target));
    }

    private static void eachObject(Object node, Consumer<JsonObject> visitor) {
        if (node instanceof JsonObject object) {
            object.getMap().values().forEach(value -> eachObject(value, visitor));
            visitor.accept(object);
        } else if (node instanceof JsonArray array) {
            array.forEach(element -> eachObject(element, visitor));
        }
    }
}
