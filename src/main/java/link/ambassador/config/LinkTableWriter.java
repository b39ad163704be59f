package link.ambassador.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Writes a link table's JSON: compact, and the same bytes for equal tables.
 *
 * <p>It writes defaults too, so that a table means the same to a relay of another version with other defaults. It
 * leaves out what has no value: no idle timeout, no limit, no hold, no preflight, no revision. It leaves out {@code whenUnavailable}
 * too when that is Refuse, so that a table without holds is the same as before there were any.
 */
public final class LinkTableWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private LinkTableWriter() {}

    /** {@code table} in UTF-8; {@link LinkTableReader} reads an equal table back. */
    public static byte[] write(LinkTable table) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            if (table.revision().isPresent()) {
                json.writeStringField("revision", table.revision().get());
            }
            if (!table.requires().isEmpty()) {
                json.writeArrayFieldStart("requires");
                for (Feature feature : table.requires()) {
                    json.writeString(feature.word());
                }
                json.writeEndArray();
            }
            if (!table.sources().isEmpty()) {
                json.writeArrayFieldStart("sources");
                for (Source source : table.sources()) {
                    write(json, source);
                }
                json.writeEndArray();
            }
            TlsWriter.writeTrust(json, table.everyLink());
            json.writeArrayFieldStart("links");
            for (Link link : table.links()) {
                write(json, link);
            }
            json.writeEndArray();
            if (table.staged().isPresent()) {
                json.writeFieldName("staged");
                write(json, table.staged().get());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail to be written", e);
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator json, StagedLinks staged) throws IOException {
        json.writeStartObject();
        json.writeArrayFieldStart("pods");
        for (String pod : new TreeSet<>(staged.pods())) {
            json.writeString(pod);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("links");
        for (Link link : staged.links()) {
            write(json, link);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** One link as it stands in a table, in UTF-8. */
    public static byte[] write(Link link) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            write(json, link);
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail to be written", e);
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator json, Source source) throws IOException {
        json.writeStartObject();
        json.writeStringField("namespace", source.namespace());
        json.writeStringField("name", source.name());
        json.writeNumberField("generation", source.generation());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Link link) throws IOException {
        json.writeStartObject();
        json.writeStringField("alias", link.alias());
        json.writeNumberField("listen", link.listen());
        write(json, "targets", link.targets());
        json.writeStringField("connectTimeout", DurationSyntax.format(link.connectTimeout()));
        if (link.idleTimeout().isPresent()) {
            json.writeStringField(
                    "idleTimeout", DurationSyntax.format(link.idleTimeout().get()));
        }
        json.writeStringField("halfCloseTimeout", DurationSyntax.format(link.halfCloseTimeout()));
        if (link.maxConnections().isPresent()) {
            json.writeNumberField("maxConnections", link.maxConnections().getAsInt());
        }
        json.writeStringField("existingConnections", link.existingConnections().word());
        json.writeStringField("drainTimeout", DurationSyntax.format(link.drainTimeout()));
        if (link.hold().isPresent()) {
            json.writeFieldName("hold");
            write(json, link.hold().get());
        }
        Optional<Duration> whenUnavailable = link.whenUnavailable().holdTimeout();
        if (whenUnavailable.isPresent()) {
            json.writeObjectFieldStart("whenUnavailable");
            json.writeStringField("action", WhenUnavailable.HOLD_WORD);
            json.writeStringField("timeout", DurationSyntax.format(whenUnavailable.get()));
            json.writeEndObject();
        }
        if (link.upstreamTls().isPresent()) {
            TlsWriter.write(json, link.upstreamTls().get());
        }
        if (link.downstreamTls().isPresent()) {
            TlsWriter.write(json, link.downstreamTls().get());
        }
        if (link.preflight().isPresent()) {
            Preflight preflight = link.preflight().get();
            json.writeObjectFieldStart("preflight");
            json.writeStringField("timeout", DurationSyntax.format(preflight.timeout()));
            if (preflight.candidate().isPresent()) {
                Candidate candidate = preflight.candidate().get();
                json.writeObjectFieldStart("candidate");
                write(json, "targets", candidate.targets());
                if (candidate.upstreamTls().isPresent()) {
                    TlsWriter.write(json, candidate.upstreamTls().get());
                }
                if (candidate.upstreamProxyProtocol().isPresent()) {
                    write(json, candidate.upstreamProxyProtocol().get());
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        if (link.upstreamProxyProtocol().isPresent()) {
            write(json, link.upstreamProxyProtocol().get());
        }
        if (link.downstreamProxyProtocol().isPresent()) {
            write(json, link.downstreamProxyProtocol().get());
        }
        if (link.healthCheck().isPresent()) {
            HealthWriter.write(json, link.healthCheck().get());
        }
        if (link.failover().isPresent()) {
            HealthWriter.write(json, link.failover().get());
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, UpstreamProxyProtocol out) throws IOException {
        json.writeObjectFieldStart("upstreamProxyProtocol");
        json.writeStringField("version", out.version().word());
        if (!out.tlvs().isEmpty()) {
            json.writeArrayFieldStart("tlvs");
            for (UpstreamProxyProtocol.Tlv tlv : out.tlvs()) {
                json.writeString(tlv.word());
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, DownstreamProxyProtocol in) throws IOException {
        json.writeObjectFieldStart("downstreamProxyProtocol");
        json.writeArrayFieldStart("trustedSources");
        for (Cidr source : in.trustedSources()) {
            json.writeString(source.toString());
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String field, List<Target> targets) throws IOException {
        json.writeArrayFieldStart(field);
        for (Target target : targets) {
            json.writeStartObject();
            json.writeStringField("host", target.host());
            json.writeNumberField("port", target.port());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, Hold hold) throws IOException {
        json.writeStartObject();
        json.writeStringField("startedAt", hold.startedAt().toString());
        json.writeStringField("timeout", DurationSyntax.format(hold.timeout()));
        json.writeStringField("whenExpired", hold.whenExpired().word());
        json.writeNumberField("maxHeld", hold.maxHeld());
        json.writeStringField("existingConnections", hold.existingConnections().word());
        json.writeStringField("drainTimeout", DurationSyntax.format(hold.drainTimeout()));
        json.writeEndObject();
    }
}
