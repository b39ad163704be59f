package link.ambassador.config;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes what a link table says of TLS. */
final class TlsWriter {
    private TlsWriter() {}

    /** The bundles that these links share, by name; nothing if there are none. */
    static void writeTrust(JsonGenerator json, Collection<Link> links) throws IOException {
        Map<String, String> byName = new TreeMap<>();
        links.stream().flatMap(Link::bundles).forEach(bundle -> byName.put(bundle.name(), bundle.pem()));
        if (byName.isEmpty()) {
            return;
        }
        json.writeObjectFieldStart("trust");
        for (Map.Entry<String, String> bundle : byName.entrySet()) {
            json.writeStringField(bundle.getKey(), bundle.getValue());
        }
        json.writeEndObject();
    }

    static void write(JsonGenerator json, UpstreamTls tls) throws IOException {
        json.writeObjectFieldStart("upstreamTls");
        json.writeStringField("mode", tls.mode().word());
        write(json, "trust", tls.trust());
        if (tls.hostname().isPresent()) {
            json.writeStringField("hostname", tls.hostname().get());
        }
        write(json, "subjectAltNames", tls.subjectAltNames());
        if (tls.clientCertificate().isPresent()) {
            json.writeStringField("clientCertificate", tls.clientCertificate().get());
        }
        json.writeStringField("negotiation", tls.negotiation().word());
        json.writeStringField("minVersion", tls.minVersion().word());
        json.writeEndObject();
    }

    static void write(JsonGenerator json, DownstreamTls tls) throws IOException {
        json.writeObjectFieldStart("downstreamTls");
        json.writeStringField("certificate", tls.certificate());
        if (tls.clientTrust().isPresent()) {
            write(json, "clientTrust", tls.clientTrust().get());
        }
        write(json, "clientSubjectAltNames", tls.clientSubjectAltNames());
        json.writeStringField("handshakeTimeout", DurationSyntax.format(tls.handshakeTimeout()));
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String field, Trust trust) throws IOException {
        if (trust instanceof Trust.Bundles named) {
            json.writeArrayFieldStart(field);
            for (Trust.Bundle bundle : named.bundles()) {
                json.writeString(bundle.name());
            }
            json.writeEndArray();
        } else {
            json.writeStringField(field, Trust.SYSTEM_WORD);
        }
    }

    private static void write(JsonGenerator json, String field, List<SubjectAltName> names) throws IOException {
        if (names.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart(field);
        for (SubjectAltName name : names) {
            json.writeStartObject();
            json.writeStringField("type", name.type().word());
            json.writeStringField(name.type().field(), name.value());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
