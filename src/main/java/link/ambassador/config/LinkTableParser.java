package link.ambassador.config;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The fields of a link table's document, from the top down to a target. One reading, one instance. */
final class LinkTableParser {
    private static final String GENERATION_WANTED = "a whole number, 0 or more";

    private final JsonReader cursor;
    private final Map<Integer, String> reserved;
    private final Map<Integer, String> listens = new HashMap<>();
    private final List<Source> sources = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private Optional<String> revision = Optional.empty();
    private boolean linksSeen;

    LinkTableParser(JsonReader cursor, Map<Integer, String> reserved) {
        this.cursor = cursor;
        this.reserved = reserved;
    }

    LinkTable table() throws IOException, JsonReader.Rejection {
        cursor.object("a link table: an object with the field links", this::field);
        if (!linksSeen) {
            throw missing("", "links", "an array of links; [] is no links");
        }
        return new LinkTable(revision, sources, links);
    }

    private boolean field(String name) throws IOException, JsonReader.Rejection {
        switch (name) {
            case "revision" -> revision = Optional.of(cursor.string(LinkTable.OPAQUE_WANTED, LinkTable::opaque));
            case "sources" -> cursor.array("an array of sources", index -> sources.add(source(index)));
            case "links" -> {
                linksSeen = true;
                cursor.array("an array of links", index -> links.add(link(index)));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private Source source(int index) throws IOException, JsonReader.Rejection {
        String[] texts = new String[2];
        long[] generation = {-1};
        cursor.object("a source: an object with namespace, name and generation", name -> {
            switch (name) {
                case "namespace" -> texts[0] = cursor.string(LinkTable.OPAQUE_WANTED, LinkTable::opaque);
                case "name" -> texts[1] = cursor.string(LinkTable.OPAQUE_WANTED, LinkTable::opaque);
                case "generation" -> generation[0] = cursor.number(0, Long.MAX_VALUE, GENERATION_WANTED);
                default -> {
                    return false;
                }
            }
            return true;
        });
        String path = "sources[" + index + "]";
        require(texts[0] != null, path, "namespace", LinkTable.OPAQUE_WANTED);
        require(texts[1] != null, path, "name", LinkTable.OPAQUE_WANTED);
        require(generation[0] >= 0, path, "generation", GENERATION_WANTED);
        return new Source(texts[0], texts[1], generation[0]);
    }

    private Link link(int index) throws IOException, JsonReader.Rejection {
        LinkParser fields = new LinkParser(cursor, port -> claim(port, index));
        cursor.object("a link: an object with alias, listen and targets", fields);
        String path = "links[" + index + "]";
        require(fields.alias() != null, path, "alias", Link.ALIAS_WANTED);
        require(fields.listen() != 0, path, "listen", Ports.WANTED);
        require(fields.targets() != null, path, "targets", LinkParser.TARGETS_WANTED);
        return fields.link();
    }

    private void claim(int port, int index) throws JsonReader.Rejection {
        String holder = reserved.get(port);
        if (holder == null) {
            holder = listens.putIfAbsent(port, "the listen port of links[" + index + "]");
        }
        if (holder != null) {
            throw cursor.rejection(port + ", which is " + holder + " already", "a port of its own");
        }
    }

    static void require(boolean present, String path, String field, String wanted) throws JsonReader.Rejection {
        if (!present) {
            throw missing(path, field, wanted);
        }
    }

    private static JsonReader.Rejection missing(String path, String field, String wanted) {
        return new JsonReader.Rejection(JsonReader.child(path, field), "nothing", wanted);
    }
}
