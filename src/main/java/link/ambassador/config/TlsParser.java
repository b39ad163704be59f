package link.ambassador.config;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.JsonReader.Rejection;

/** Parses what a link table says of TLS. */
final class TlsParser {
    private static final String TRUST_WANTED = "\"" + Trust.SYSTEM_WORD + "\", or an array of 1 to "
            + Trust.Bundles.MAX_BUNDLES + " names of the table's trust";
    private static final String BUNDLES_WANTED =
            "an object of PEM bundles by name, together at most " + Trust.Bundle.MAX_PEM_LENGTH + " characters";
    private static final String NAMES_WANTED = "an array of at most " + SubjectAltName.MAX_NAMES + " names";

    private final JsonReader json;
    private final Map<String, Trust.Bundle> bundles;

    /** @param bundles the trust of the table, which may come behind the links that name it */
    TlsParser(JsonReader json, Map<String, Trust.Bundle> bundles) {
        this.json = json;
        this.bundles = bundles;
    }

    /** Parses the table's trust, at which the reader is. */
    static Map<String, Trust.Bundle> bundles(JsonReader json) throws IOException, Rejection {
        Map<String, Trust.Bundle> bundles = new HashMap<>();
        String path = json.path();
        int length = 0;
        json.beginObject(BUNDLES_WANTED);
        for (String name = json.nextField(); name != null; name = json.nextField()) {
            if (!Trust.Bundle.isName(name)) {
                throw json.rejection(
                        "the name \"" + Printable.text(name) + "\"", "named with " + Trust.Bundle.NAME_WANTED);
            }
            String pem = json.string(Trust.Bundle.PEM_WANTED, text -> true);
            length += pem.length();
            if (length > Trust.Bundle.MAX_PEM_LENGTH) {
                throw new Rejection(path, "more than " + Trust.Bundle.MAX_PEM_LENGTH + " characters", BUNDLES_WANTED);
            }
            if (!Trust.Bundle.isPem(pem)) {
                throw json.rejection("something else", Trust.Bundle.PEM_WANTED);
            }
            bundles.put(name, new Trust.Bundle(name, pem));
        }
        return bundles;
    }

    UpstreamTls upstream() throws IOException, Rejection {
        String path = json.path();
        Trust trust = null;
        UpstreamTls.Mode mode = null;
        Optional<String> hostname = Optional.empty();
        List<SubjectAltName> names = List.of();
        Optional<String> certificate = Optional.empty();
        UpstreamTls.Negotiation negotiation = UpstreamTls.DEFAULT_NEGOTIATION;
        TlsVersion minVersion = UpstreamTls.DEFAULT_MIN_VERSION;
        json.beginObject("an object with mode and trust");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "mode" -> mode = json.word(UpstreamTls.Mode.class);
                case "trust" -> trust = trust();
                case "hostname" ->
                    hostname = Optional.of(json.string(SubjectAltName.HOSTNAME_WANTED, SubjectAltName::isHostname));
                case "subjectAltNames" -> names = names();
                case "clientCertificate" -> certificate = Optional.of(certificate());
                case "negotiation" -> negotiation = json.word(UpstreamTls.Negotiation.class);
                case "minVersion" -> minVersion = json.word(TlsVersion.class);
                default -> throw json.unknown(field);
            }
        }
        require(mode, path, "mode", JsonReader.wanted(UpstreamTls.Mode.class));
        require(trust, path, "trust", TRUST_WANTED);
        UpstreamTls tls = new UpstreamTls(trust, hostname, names, certificate, negotiation, minVersion);
        if (tls.mode() != mode) {
            throw new Rejection(
                    JsonReader.child(path, "clientCertificate"),
                    certificate.map(name -> "\"" + name + "\"").orElse("nothing") + " with the mode " + mode.word(),
                    "the certificate to show with ClientAndServer, and left out with ServerOnly");
        }
        return tls;
    }

    DownstreamTls downstream() throws IOException, Rejection {
        String path = json.path();
        String certificate = null;
        Optional<Trust> trust = Optional.empty();
        List<SubjectAltName> names = List.of();
        Duration handshakeTimeout = DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT;
        json.beginObject("an object with certificate");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "certificate" -> certificate = certificate();
                case "clientTrust" -> trust = Optional.of(trust());
                case "clientSubjectAltNames" -> names = names();
                case "handshakeTimeout" -> handshakeTimeout = json.duration();
                default -> throw json.unknown(field);
            }
        }
        require(certificate, path, "certificate", CertificateName.WANTED);
        if (trust.isEmpty() && !names.isEmpty()) {
            throw new Rejection(
                    JsonReader.child(path, "clientTrust"),
                    "nothing with clientSubjectAltNames",
                    TRUST_WANTED + ": without it the relay asks for no certificate");
        }
        return new DownstreamTls(certificate, trust, names, handshakeTimeout);
    }

    private Trust trust() throws IOException, Rejection {
        if (json.isString()) {
            json.string(TRUST_WANTED, Trust.SYSTEM_WORD::equals);
            return Trust.SYSTEM;
        }
        String path = json.path();
        List<Trust.Bundle> named = new ArrayList<>();
        json.beginArray(TRUST_WANTED);
        while (json.nextElement()) {
            if (named.size() == Trust.Bundles.MAX_BUNDLES) {
                throw new Rejection(path, "more than " + Trust.Bundles.MAX_BUNDLES + " names", TRUST_WANTED);
            }
            String name = json.string("a name of the table's trust", bundles::containsKey);
            named.add(bundles.get(name));
        }
        if (named.isEmpty()) {
            throw new Rejection(path, "an empty array", TRUST_WANTED);
        }
        return new Trust.Bundles(named);
    }

    private List<SubjectAltName> names() throws IOException, Rejection {
        String path = json.path();
        List<SubjectAltName> names = new ArrayList<>();
        json.beginArray(NAMES_WANTED);
        while (json.nextElement()) {
            if (names.size() == SubjectAltName.MAX_NAMES) {
                throw new Rejection(path, "more than " + SubjectAltName.MAX_NAMES + " names", NAMES_WANTED);
            }
            names.add(name());
        }
        if (names.isEmpty()) {
            throw new Rejection(path, "an empty array", "at least one name, or left out");
        }
        return names;
    }

    private SubjectAltName name() throws IOException, Rejection {
        String path = json.path();
        SubjectAltName.Type type = null;
        Map<SubjectAltName.Type, String> values = new HashMap<>();
        json.beginObject("an object with type, and uri or hostname");
        for (String field = json.nextField(); field != null; field = json.nextField()) {
            switch (field) {
                case "type" -> type = json.word(SubjectAltName.Type.class);
                case "uri" -> values.put(SubjectAltName.Type.URI, value(SubjectAltName.Type.URI));
                case "hostname" -> values.put(SubjectAltName.Type.HOSTNAME, value(SubjectAltName.Type.HOSTNAME));
                default -> throw json.unknown(field);
            }
        }
        require(type, path, "type", JsonReader.wanted(SubjectAltName.Type.class));
        require(values.get(type), path, type.field(), SubjectAltName.wanted(type));
        if (values.size() > 1) {
            throw new Rejection(path, "both uri and hostname", "one name with its type");
        }
        return new SubjectAltName(type, values.get(type));
    }

    private String value(SubjectAltName.Type type) throws IOException, Rejection {
        return json.string(SubjectAltName.wanted(type), text -> SubjectAltName.isValid(type, text));
    }

    private String certificate() throws IOException, Rejection {
        return json.string(CertificateName.WANTED, CertificateName::isValid);
    }

    private static void require(Object value, String path, String field, String wanted) throws Rejection {
        if (value == null) {
            throw new Rejection(JsonReader.child(path, field), "nothing", wanted);
        }
    }
}
