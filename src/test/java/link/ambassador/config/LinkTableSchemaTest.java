package link.ambassador.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The shipped schema agrees with the records and the reader. */
class LinkTableSchemaTest {
    @Test
    void itsFieldsAreThoseOfTheRecords() throws IOException {
        JsonNode schema = schema();

        Set<String> table = components(LinkTable.class);
        table.addAll(Set.of("requires", "trust"));
        assertThat(fields(schema)).isEqualTo(table);
        assertThat(fields(schema.at("/$defs/staged"))).isEqualTo(components(StagedLinks.class));
        assertThat(schema.at("/$defs/staged/properties/pods/maxItems").asInt()).isEqualTo(StagedLinks.MOST_PODS);
        assertThat(fields(schema.at("/$defs/source"))).isEqualTo(components(Source.class));
        assertThat(fields(schema.at("/$defs/hold"))).isEqualTo(components(Hold.class));
        assertThat(fields(schema.at("/$defs/preflight"))).isEqualTo(components(Preflight.class));
        assertThat(fields(schema.at("/$defs/candidate"))).isEqualTo(components(Candidate.class));
        assertThat(fields(schema.at("/$defs/target"))).isEqualTo(components(Target.class));
        Set<String> upstreamTls = components(UpstreamTls.class);
        upstreamTls.add("mode");
        assertThat(fields(schema.at("/$defs/upstreamTls"))).isEqualTo(upstreamTls);
        assertThat(fields(schema.at("/$defs/downstreamTls"))).isEqualTo(components(DownstreamTls.class));
        assertThat(fields(schema.at("/$defs/upstreamProxyProtocol")))
                .isEqualTo(components(UpstreamProxyProtocol.class));
        assertThat(fields(schema.at("/$defs/downstreamProxyProtocol")))
                .isEqualTo(components(DownstreamProxyProtocol.class));
        Set<String> healthCheck = components(HealthCheck.class);
        healthCheck.removeAll(Set.of("check", "probing"));
        healthCheck.addAll(Set.of("type", "http", "exchange", "probe"));
        assertThat(fields(schema.at("/$defs/healthCheck"))).isEqualTo(healthCheck);
        assertThat(fields(schema.at("/$defs/healthCheck/properties/http")))
                .isEqualTo(components(HealthCheck.Http.class));
        JsonNode exchange = schema.at("/$defs/healthCheck/properties/exchange");
        assertThat(fields(exchange)).isEqualTo(components(HealthCheck.Exchange.class));
        assertThat(fields(exchange.at("/properties/steps/items"))).isEqualTo(components(HealthCheck.Step.class));
        assertThat(fields(schema.at("/$defs/failover"))).isEqualTo(components(Failover.class));
        Set<String> link = components(Link.class);
        link.add("protocol");
        assertThat(fields(schema.at("/$defs/link"))).isEqualTo(link);
    }

    @Test
    void itsDefaultsAndRulesAreThoseOfTheRecords() throws IOException {
        JsonNode link = schema().at("/$defs/link/properties");

        assertThat(link.at("/connectTimeout/default").asText())
                .isEqualTo(DurationSyntax.format(Link.DEFAULT_CONNECT_TIMEOUT));
        assertThat(link.at("/halfCloseTimeout/default").asText())
                .isEqualTo(DurationSyntax.format(Link.DEFAULT_HALF_CLOSE_TIMEOUT));
        assertThat(link.at("/drainTimeout/default").asText())
                .isEqualTo(DurationSyntax.format(Link.DEFAULT_DRAIN_TIMEOUT));
        assertThat(link.at("/existingConnections/default").asText())
                .isEqualTo(Link.DEFAULT_EXISTING_CONNECTIONS.word());
        assertThat(link.at("/idleTimeout").has("default")).isFalse();
        assertThat(link.at("/maxConnections").has("default")).isFalse();
        assertThat(link.at("/targets/maxItems").asInt()).isEqualTo(Link.MAX_TARGETS);
        assertThat(schema().at("/$defs/candidate/properties/targets/maxItems").asInt())
                .isEqualTo(Link.MAX_TARGETS);
        assertThat(link.at("/alias/pattern").asText()).isEqualTo(Link.ALIAS_PATTERN);
        assertThat(words(link.at("/existingConnections")))
                .isEqualTo(words(ExistingConnections.values(), ExistingConnections::word));
        assertThat(schema().at("/properties/revision/pattern").asText()).isEqualTo(LinkTable.OPAQUE_PATTERN);
        assertThat(schema().at("/$defs/duration/pattern").asText()).isEqualTo(DurationSyntax.PATTERN);
    }

    @Test
    void theDefaultsAndRulesOfAHoldAreThoseOfTheRecords() throws IOException {
        JsonNode hold = schema().at("/$defs/hold/properties");

        assertThat(hold.at("/startedAt/pattern").asText()).isEqualTo(Hold.STARTED_AT_PATTERN);
        assertThat(words(hold.at("/whenExpired"))).isEqualTo(words(WhenExpired.values(), WhenExpired::word));
        assertThat(hold.at("/whenExpired/default").asText()).isEqualTo(Hold.DEFAULT_WHEN_EXPIRED.word());
        assertThat(hold.at("/maxHeld/default").asInt()).isEqualTo(Hold.DEFAULT_MAX_HELD);
        assertThat(words(hold.at("/existingConnections")))
                .isEqualTo(words(ExistingConnections.values(), ExistingConnections::word));
        assertThat(hold.at("/existingConnections/default").asText())
                .isEqualTo(Hold.DEFAULT_EXISTING_CONNECTIONS.word());
        assertThat(hold.at("/drainTimeout/default").asText())
                .isEqualTo(DurationSyntax.format(Hold.DEFAULT_DRAIN_TIMEOUT));
        assertThat(words(schema().at("/$defs/whenUnavailable/properties/action")))
                .containsExactly(WhenUnavailable.REFUSE_WORD, WhenUnavailable.HOLD_WORD);
    }

    private static List<String> words(JsonNode property) {
        List<String> words = new ArrayList<>();
        property.get("enum").forEach(word -> words.add(word.asText()));
        return words;
    }

    private static <T> List<String> words(T[] values, Function<T, String> word) {
        return Stream.of(values).map(word).toList();
    }

    @Test
    void itsRulesOfTlsAreThoseOfTheRecords() throws IOException {
        JsonNode schema = schema();
        JsonNode upstream = schema.at("/$defs/upstreamTls/properties");
        JsonNode downstream = schema.at("/$defs/downstreamTls/properties");

        assertThat(words(upstream.at("/mode"))).isEqualTo(words(UpstreamTls.Mode.values(), UpstreamTls.Mode::word));
        assertThat(words(upstream.at("/negotiation")))
                .isEqualTo(words(UpstreamTls.Negotiation.values(), UpstreamTls.Negotiation::word));
        assertThat(upstream.at("/negotiation/default").asText()).isEqualTo(UpstreamTls.DEFAULT_NEGOTIATION.word());
        assertThat(words(upstream.at("/minVersion"))).isEqualTo(words(TlsVersion.values(), TlsVersion::word));
        assertThat(upstream.at("/minVersion/default").asText()).isEqualTo(UpstreamTls.DEFAULT_MIN_VERSION.word());
        assertThat(upstream.at("/subjectAltNames/maxItems").asInt()).isEqualTo(SubjectAltName.MAX_NAMES);
        assertThat(upstream.at("/clientCertificate/pattern").asText()).isEqualTo(CertificateName.PATTERN);
        assertThat(downstream.at("/certificate/pattern").asText()).isEqualTo(CertificateName.PATTERN);
        assertThat(downstream.at("/handshakeTimeout/default").asText())
                .isEqualTo(DurationSyntax.format(DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT));
        assertThat(schema.at("/$defs/trust/oneOf/0/const").asText()).isEqualTo(Trust.SYSTEM_WORD);
        assertThat(schema.at("/$defs/trust/oneOf/1/maxItems").asInt()).isEqualTo(Trust.Bundles.MAX_BUNDLES);
        assertThat(schema.at("/$defs/subjectAltName/properties/uri/pattern").asText())
                .isEqualTo(SubjectAltName.URI_PATTERN);
        assertThat(schema.at("/properties/trust/propertyNames/pattern").asText())
                .isEqualTo(Trust.Bundle.NAME_PATTERN);
    }

    @Test
    void itsRulesOfTheProxyProtocolAreThoseOfTheRecords() throws IOException {
        JsonNode upstream = schema().at("/$defs/upstreamProxyProtocol/properties");
        JsonNode sources = schema().at("/$defs/downstreamProxyProtocol/properties/trustedSources");

        assertThat(words(upstream.at("/version")))
                .isEqualTo(words(UpstreamProxyProtocol.Version.values(), UpstreamProxyProtocol.Version::word));
        assertThat(words(upstream.at("/tlvs/items")))
                .isEqualTo(words(UpstreamProxyProtocol.Tlv.values(), UpstreamProxyProtocol.Tlv::word));
        assertThat(sources.at("/maxItems").asInt()).isEqualTo(DownstreamProxyProtocol.MAX_SOURCES);
    }

    @Test
    void itsRulesOfHealthAreThoseOfTheRecords() throws IOException {
        JsonNode check = schema().at("/$defs/healthCheck/properties");
        JsonNode http = check.at("/http/properties");
        JsonNode exchange = check.at("/exchange/properties");
        JsonNode step = exchange.at("/steps/items/properties");
        HealthCheck defaults = HealthCheck.of(new HealthCheck.Tcp());

        assertThat(words(check.at("/type")))
                .containsExactly(HealthCheck.Tcp.TYPE, HealthCheck.Http.TYPE, HealthCheck.Exchange.TYPE);
        assertThat(words(check.at("/probe"))).isEqualTo(words(HealthCheck.Probing.values(), HealthCheck.Probing::word));
        assertThat(check.at("/probe/default").asText())
                .isEqualTo(defaults.probing().word());
        assertThat(check.at("/interval/default").asText()).isEqualTo(DurationSyntax.format(defaults.interval()));
        assertThat(check.at("/timeout/default").asText()).isEqualTo(DurationSyntax.format(defaults.timeout()));
        assertThat(check.at("/unhealthyThreshold/default").asInt()).isEqualTo(defaults.unhealthyThreshold());
        assertThat(check.at("/healthyThreshold/default").asInt()).isEqualTo(defaults.healthyThreshold());
        assertThat(check.at("/unhealthyThreshold/maximum").asInt()).isEqualTo(HealthCheck.MAX_THRESHOLD);
        assertThat(check.at("/healthyThreshold/maximum").asInt()).isEqualTo(HealthCheck.MAX_THRESHOLD);
        assertThat(http.at("/path/pattern").asText()).isEqualTo(HealthCheck.Http.PATH_PATTERN);
        assertThat(http.at("/expectedStatuses/maxItems").asInt()).isEqualTo(HealthCheck.Http.MAX_STATUSES);
        assertThat(http.at("/expectedStatuses/items/minimum").asInt()).isEqualTo(HealthCheck.Http.MIN_STATUS);
        assertThat(http.at("/expectedStatuses/items/maximum").asInt()).isEqualTo(HealthCheck.Http.MAX_STATUS);
        assertThat(exchange.at("/steps/maxItems").asInt()).isEqualTo(HealthCheck.Exchange.MAX_STEPS);
        assertThat(exchange.at("/credential/pattern").asText()).isEqualTo(Credential.PATTERN);
        assertThat(step.at("/send/maxLength").asInt()).isEqualTo(HealthCheck.Step.MAX_BYTES);
        assertThat(step.at("/expect/maxLength").asInt()).isEqualTo(HealthCheck.Step.MAX_BYTES);
    }

    @Test
    void itsRulesOfFailoverAreThoseOfTheRecords() throws IOException {
        JsonNode failover = schema().at("/$defs/failover/properties");

        assertThat(words(failover.at("/selection")))
                .isEqualTo(words(Failover.Selection.values(), Failover.Selection::word));
        assertThat(failover.at("/selection/default").asText()).isEqualTo(Failover.DEFAULT_SELECTION.word());
        assertThat(failover.at("/weights/maxItems").asInt()).isEqualTo(Link.MAX_TARGETS);
        assertThat(failover.at("/weights/items/maximum").asInt()).isEqualTo(Failover.MAX_WEIGHT);
        assertThat(words(failover.at("/failback/anyOf/0")))
                .containsExactly(Failover.Failback.IMMEDIATE.word(), Failover.Failback.NEVER.word());
        assertThat(failover.at("/failback/default").asText()).isEqualTo(Failover.DEFAULT_FAILBACK.word());
        assertThat(words(failover.at("/existingConnections")))
                .isEqualTo(words(ExistingConnections.values(), ExistingConnections::word));
        assertThat(failover.at("/existingConnections/default").asText())
                .isEqualTo(Failover.DEFAULT_EXISTING_CONNECTIONS.word());
        assertThat(words(failover.at("/whenNoneHealthy")))
                .isEqualTo(words(Failover.WhenNoneHealthy.values(), Failover.WhenNoneHealthy::word));
    }

    private static JsonNode schema() throws IOException {
        return new ObjectMapper()
                .readTree(Path.of("src/main/resources/link-table.schema.json").toFile());
    }

    private static Set<String> fields(JsonNode object) {
        TreeSet<String> names = new TreeSet<>();
        object.get("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Set<String> components(Class<? extends Record> type) {
        return new TreeSet<>(Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .toList());
    }
}
