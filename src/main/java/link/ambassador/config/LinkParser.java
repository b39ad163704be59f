package link.ambassador.config;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The fields of one link of a document, gathered until its end. */
final class LinkParser implements JsonReader.Field {
    static final String TARGETS_WANTED = "an array of 1 to " + Link.MAX_TARGETS + " targets";
    private static final String POLICY_WANTED = "\"Keep\", \"Drain\" or \"Close\"";
    private static final String MAX_CONNECTIONS_WANTED =
            "a whole number from 1 to " + Integer.MAX_VALUE + ", or left out for no limit";

    /** Says whether a port is free; called at the port, so that a refusal names its place. */
    interface Claim {
        void claim(int port) throws JsonReader.Rejection;
    }

    private final JsonReader cursor;
    private final Claim claim;
    private String alias;
    private int listen;
    private List<Target> targets;
    private Duration connectTimeout = Link.DEFAULT_CONNECT_TIMEOUT;
    private Optional<Duration> idleTimeout = Link.DEFAULT_IDLE_TIMEOUT;
    private Duration halfCloseTimeout = Link.DEFAULT_HALF_CLOSE_TIMEOUT;
    private OptionalInt maxConnections = Link.DEFAULT_MAX_CONNECTIONS;
    private ExistingConnections existingConnections = Link.DEFAULT_EXISTING_CONNECTIONS;
    private Duration drainTimeout = Link.DEFAULT_DRAIN_TIMEOUT;

    LinkParser(JsonReader cursor, Claim claim) {
        this.cursor = cursor;
        this.claim = claim;
    }

    /** Null until seen. */
    String alias() {
        return alias;
    }

    /** 0 until seen. */
    int listen() {
        return listen;
    }

    /** Null until seen. */
    List<Target> targets() {
        return targets;
    }

    /** The link, once all that is required was seen. */
    Link link() {
        return new Link(
                alias,
                listen,
                targets,
                connectTimeout,
                idleTimeout,
                halfCloseTimeout,
                maxConnections,
                existingConnections,
                drainTimeout);
    }

    @Override
    public boolean read(String name) throws IOException, JsonReader.Rejection {
        switch (name) {
            case "alias" -> alias = cursor.string(Link.ALIAS_WANTED, Link::validAlias);
            case "listen" -> {
                listen = (int) cursor.number(1, Ports.MAX, Ports.WANTED);
                claim.claim(listen);
            }
            case "protocol" -> cursor.string("\"TCP\", or left out", "TCP"::equals);
            case "targets" -> targets = readTargets();
            case "connectTimeout" -> connectTimeout = cursor.duration();
            case "idleTimeout" -> idleTimeout = Optional.of(cursor.duration());
            case "halfCloseTimeout" -> halfCloseTimeout = cursor.duration();
            case "maxConnections" ->
                maxConnections = OptionalInt.of((int) cursor.number(1, Integer.MAX_VALUE, MAX_CONNECTIONS_WANTED));
            case "existingConnections" -> existingConnections = policy();
            case "drainTimeout" -> drainTimeout = cursor.duration();
            default -> {
                return false;
            }
        }
        return true;
    }

    private ExistingConnections policy() throws IOException, JsonReader.Rejection {
        String word = cursor.string(
                POLICY_WANTED, text -> ExistingConnections.ofWord(text).isPresent());
        return ExistingConnections.ofWord(word).orElseThrow();
    }

    private List<Target> readTargets() throws IOException, JsonReader.Rejection {
        String path = cursor.path();
        List<Target> read = new ArrayList<>();
        cursor.array(TARGETS_WANTED, index -> {
            if (index == Link.MAX_TARGETS) {
                throw new JsonReader.Rejection(path, "more than " + index + " targets", TARGETS_WANTED);
            }
            read.add(target(path + "[" + index + "]"));
        });
        if (read.isEmpty()) {
            throw new JsonReader.Rejection(path, "an empty array", TARGETS_WANTED);
        }
        return read;
    }

    private Target target(String path) throws IOException, JsonReader.Rejection {
        String[] host = new String[1];
        int[] port = new int[1];
        cursor.object("a target: an object with host and port", name -> {
            switch (name) {
                case "host" -> host[0] = cursor.string(HostSyntax.WANTED, HostSyntax::isHost);
                case "port" -> port[0] = (int) cursor.number(1, Ports.MAX, Ports.WANTED);
                default -> {
                    return false;
                }
            }
            return true;
        });
        LinkTableParser.require(host[0] != null, path, "host", HostSyntax.WANTED);
        LinkTableParser.require(port[0] != 0, path, "port", Ports.WANTED);
        return new Target(host[0], port[0]);
    }
}
