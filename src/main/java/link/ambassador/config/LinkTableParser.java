package link.ambassador.config;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import link.ambassador.config.JsonReader.Rejection;

/** Parses a link table, from the document down to a target. One document, one instance. */
final class LinkTableParser {
    private static final String GENERATION_WANTED = "a whole number, 0 or more";
    private static final String LINKS_WANTED = "an array of links";
    private static final String PODS_WANTED = "an array of at most " + StagedLinks.MOST_PODS + " names of pods";
    private static final String REQUIRES_WANTED = "an array of at most " + Feature.MOST + " features";
    private static final String TARGETS_WANTED = "an array of 1 to " + Link.MAX_TARGETS + " targets";
    private static final String MAX_CONNECTIONS_WANTED =
            "a whole number from 1 to " + Integer.MAX_VALUE + ", or left out for no limit";

    private final JsonReader json;
    private final Map<Integer, String> reserved;
    private final Map<String, Trust.Bundle> trust;
    private final TlsParser tls;
    private final Map<Integer, String> linkByPort = new HashMap<>();

    /** @param trust the bundles of the table, which links name */
    LinkTableParser(JsonReader json, Map<Integer, String> reserved, Map<String, Trust.Bundle> trust) {
        this.json = json;
        this.reserved = reserved;
        this.trust = trust;
        this.tls = new TlsParser(json, trust);
    }

    LinkTable table() throws IOException, Rejection {
        Optional<String> revision = Optional.empty();
        List<Source> sources = List.of();
        List<Link> links = null;
        Optional<StagedLinks> staged = Optional.empty();
        json.beginObject("a link table: an object with the field links");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "revision" -> revision = Optional.of(opaque());
                case "sources" -> sources = sources();
                case "requires" -> checkRequired();
                case "trust" -> json.skip();
                case "links" -> links = links();
                case "staged" -> staged = Optional.of(new LinkTableParser(json, reserved, trust).staged());
                default -> json.skipUnknown();
            }
        }
        JsonReader.require(links != null, "", "links", LINKS_WANTED + "; [] is no links");
        for (Link link : staged.isPresent() ? staged.get().links() : List.<Link>of()) {
            if (!linkByPort.containsKey(link.listen())) {
                throw new Rejection(
                        "staged.links",
                        "a link on port " + link.listen() + ", where no link of the table listens",
                        "links on ports of links of the table");
            }
        }
        return new LinkTable(revision, sources, links, staged);
    }

    private StagedLinks staged() throws IOException, Rejection {
        String path = json.path();
        Set<String> pods = null;
        List<Link> links = null;
        json.beginObject("an object with pods and links");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "pods" -> pods = pods();
                case "links" -> links = links();
                default -> json.skipUnknown();
            }
        }
        JsonReader.require(pods != null, path, "pods", PODS_WANTED);
        JsonReader.require(links != null, path, "links", LINKS_WANTED);
        return new StagedLinks(pods, links);
    }

    private Set<String> pods() throws IOException, Rejection {
        String path = json.path();
        Set<String> pods = new HashSet<>();
        json.beginArray(PODS_WANTED);
        while (json.nextElement()) {
            if (pods.size() == StagedLinks.MOST_PODS) {
                throw new Rejection(path, "more than " + StagedLinks.MOST_PODS + " pods", PODS_WANTED);
            }
            pods.add(opaque());
        }
        return pods;
    }

    /** The bundles of the table. They may come behind the links that name them, so that they are read before. */
    static Map<String, Trust.Bundle> trust(JsonReader json) throws IOException, Rejection {
        Map<String, Trust.Bundle> trust = Map.of();
        json.beginObject("a link table");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            if (field.equals("trust")) {
                trust = TlsParser.bundles(json);
            } else {
                json.skip();
            }
        }
        return trust;
    }

    /** What the links require is seen from the links; here it only matters that this relay knows all of it. */
    private void checkRequired() throws IOException, Rejection {
        String path = json.path();
        json.beginArray(REQUIRES_WANTED);
        for (int count = 0; json.nextElement(); count++) {
            if (count == Feature.MOST) {
                throw new Rejection(path, "more than " + Feature.MOST + " features", REQUIRES_WANTED);
            }
            String word = json.string("a feature, such as \"hold/1\"", Feature::isWord);
            if (Feature.ofWord(word).isEmpty()) {
                throw json.rejection(
                        "\"" + word + "\", which relay " + Version.read() + " does not know",
                        "a feature that it knows (" + Feature.words(EnumSet.allOf(Feature.class))
                                + "). Recreate the pod to give it a newer relay");
            }
        }
    }

    private List<Source> sources() throws IOException, Rejection {
        List<Source> sources = new ArrayList<>();
        json.beginArray("an array of sources");
        while (json.nextElement()) {
            sources.add(source());
        }
        return sources;
    }

    private Source source() throws IOException, Rejection {
        String path = json.path();
        String namespace = null;
        String name = null;
        long generation = -1;
        json.beginObject("a source: an object with namespace, name and generation");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "namespace" -> namespace = opaque();
                case "name" -> name = opaque();
                case "generation" -> generation = json.number(0, Long.MAX_VALUE, GENERATION_WANTED);
                default -> json.skipUnknown();
            }
        }
        JsonReader.require(namespace != null, path, "namespace", LinkTable.OPAQUE_WANTED);
        JsonReader.require(name != null, path, "name", LinkTable.OPAQUE_WANTED);
        JsonReader.require(generation >= 0, path, "generation", GENERATION_WANTED);
        return new Source(namespace, name, generation);
    }

    private List<Link> links() throws IOException, Rejection {
        List<Link> links = new ArrayList<>();
        json.beginArray(LINKS_WANTED);
        while (json.nextElement()) {
            links.add(link());
        }
        return links;
    }

    private Link link() throws IOException, Rejection {
        String path = json.path();
        LinkBuilder link = new LinkBuilder();
        HealthParser.Parsed failover = null;
        json.beginObject("a link: an object with alias, listen and targets");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "alias" -> link.alias = json.string(Link.ALIAS_WANTED, Link::validAlias);
                case "listen" -> link.listen = listen(path);
                case "protocol" -> json.string("\"TCP\", or left out", "TCP"::equals);
                case "targets" -> link.targets = targets();
                case "connectTimeout" -> link.connectTimeout(json.duration());
                case "idleTimeout" -> link.idleTimeout(Optional.of(json.duration()));
                case "halfCloseTimeout" -> link.halfCloseTimeout(json.duration());
                case "maxConnections" ->
                    link.maxConnections(
                            OptionalInt.of((int) json.number(1, Integer.MAX_VALUE, MAX_CONNECTIONS_WANTED)));
                case "existingConnections" -> link.existingConnections(json.word(ExistingConnections.class));
                case "drainTimeout" -> link.drainTimeout(json.duration());
                case "hold" -> link.hold(Optional.of(new HoldParser(json).hold()));
                case "whenUnavailable" -> link.whenUnavailable(new HoldParser(json).whenUnavailable());
                case "upstreamTls" -> link.upstreamTls(Optional.of(tls.upstream()));
                case "downstreamTls" -> link.downstreamTls(Optional.of(tls.downstream()));
                case "preflight" -> link.preflight(Optional.of(preflight()));
                case "upstreamProxyProtocol" ->
                    link.upstreamProxyProtocol(Optional.of(new ProxyProtocolParser(json).upstream()));
                case "downstreamProxyProtocol" ->
                    link.downstreamProxyProtocol(Optional.of(new ProxyProtocolParser(json).downstream()));
                case "healthCheck" -> link.healthCheck(Optional.of(new HealthParser(json).healthCheck()));
                case "failover" -> failover = new HealthParser(json).failover();
                default -> json.skipUnknown();
            }
        }
        JsonReader.require(link.alias != null, path, "alias", Link.ALIAS_WANTED);
        JsonReader.require(link.listen != 0, path, "listen", Ports.WANTED);
        JsonReader.require(link.targets != null, path, "targets", TARGETS_WANTED);
        requireNames(path, link.targets, link.upstreamTls);
        if (failover != null) {
            link.failover(Optional.of(failover.resolve(link.healthCheck, link.targets.size())));
        }
        return link.build();
    }

    private static void requireNames(String path, List<Target> targets, Optional<UpstreamTls> tls) throws Rejection {
        Optional<Target> nameless = tls.flatMap(upstream -> Link.withoutName(targets, upstream));
        if (nameless.isPresent()) {
            throw new Rejection(
                    JsonReader.child(path, "upstreamTls"),
                    nameless.get().host() + ", which has no name to check",
                    "given hostname or subjectAltNames");
        }
    }

    /** A port that no other link has. Checked while the reader is at the port, so that a rejection names its place. */
    private int listen(String link) throws IOException, Rejection {
        int port = (int) json.number(1, Ports.MAX, Ports.WANTED);
        String holder = reserved.get(port);
        if (holder == null) {
            holder = linkByPort.putIfAbsent(port, "the listen port of " + link);
        }
        if (holder != null) {
            throw json.rejection(port + ", which is " + holder + " already", "a port of its own");
        }
        return port;
    }

    private List<Target> targets() throws IOException, Rejection {
        String path = json.path();
        List<Target> targets = new ArrayList<>();
        json.beginArray(TARGETS_WANTED);
        while (json.nextElement()) {
            if (targets.size() == Link.MAX_TARGETS) {
                throw new Rejection(path, "more than " + Link.MAX_TARGETS + " targets", TARGETS_WANTED);
            }
            targets.add(target());
        }
        if (targets.isEmpty()) {
            throw new Rejection(path, "an empty array", TARGETS_WANTED);
        }
        return targets;
    }

    private Preflight preflight() throws IOException, Rejection {
        String path = json.path();
        Duration timeout = null;
        Optional<Candidate> candidate = Optional.empty();
        json.beginObject("a preflight: an object with timeout");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "timeout" ->
                    timeout = json.duration(Preflight.TIMEOUT_WANTED, Duration.ofMillis(1), Preflight.MAX_TIMEOUT);
                case "candidate" -> candidate = Optional.of(candidate());
                default -> json.skipUnknown();
            }
        }
        JsonReader.require(timeout != null, path, "timeout", Preflight.TIMEOUT_WANTED);
        return new Preflight(timeout, candidate);
    }

    private Candidate candidate() throws IOException, Rejection {
        String path = json.path();
        List<Target> targets = null;
        Optional<UpstreamTls> upstreamTls = Optional.empty();
        Optional<UpstreamProxyProtocol> header = Optional.empty();
        json.beginObject("a candidate: an object with targets");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "targets" -> targets = targets();
                case "upstreamTls" -> upstreamTls = Optional.of(tls.upstream());
                case "upstreamProxyProtocol" -> header = Optional.of(new ProxyProtocolParser(json).upstream());
                default -> json.skipUnknown();
            }
        }
        JsonReader.require(targets != null, path, "targets", TARGETS_WANTED);
        requireNames(path, targets, upstreamTls);
        return new Candidate(targets, upstreamTls, header);
    }

    private Target target() throws IOException, Rejection {
        String path = json.path();
        String host = null;
        int port = 0;
        json.beginObject("a target: an object with host and port");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "host" -> host = json.string(HostSyntax.WANTED, HostSyntax::isHost);
                case "port" -> port = (int) json.number(1, Ports.MAX, Ports.WANTED);
                default -> json.skipUnknown();
            }
        }
        JsonReader.require(host != null, path, "host", HostSyntax.WANTED);
        JsonReader.require(port != 0, path, "port", Ports.WANTED);
        return new Target(host, port);
    }

    private String opaque() throws IOException, Rejection {
        return json.string(LinkTable.OPAQUE_WANTED, LinkTable::opaque);
    }
}
