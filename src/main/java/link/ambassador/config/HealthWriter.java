package link.ambassador.config;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;

/** Writes what a link table says of the health of targets. */
final class HealthWriter {
    private HealthWriter() {}

    static void write(JsonGenerator json, HealthCheck check) throws IOException {
        json.writeObjectFieldStart("healthCheck");
        json.writeStringField("type", check.check().type());
        if (check.port().isPresent()) {
            json.writeNumberField("port", check.port().getAsInt());
        }
        if (check.check() instanceof HealthCheck.Http http) {
            json.writeObjectFieldStart("http");
            json.writeStringField("path", http.path());
            write(json, "expectedStatuses", http.expectedStatuses());
            json.writeEndObject();
        } else if (check.check() instanceof HealthCheck.Exchange exchange) {
            write(json, exchange);
        }
        json.writeStringField("probe", check.probing().word());
        json.writeStringField("interval", DurationSyntax.format(check.interval()));
        json.writeStringField("timeout", DurationSyntax.format(check.timeout()));
        json.writeNumberField("unhealthyThreshold", check.unhealthyThreshold());
        json.writeNumberField("healthyThreshold", check.healthyThreshold());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, HealthCheck.Exchange exchange) throws IOException {
        json.writeObjectFieldStart("exchange");
        json.writeArrayFieldStart("steps");
        for (HealthCheck.Step step : exchange.steps()) {
            json.writeStartObject();
            if (!step.send().isEmpty()) {
                json.writeStringField("send", step.send());
            }
            json.writeStringField("expect", step.expect());
            json.writeEndObject();
        }
        json.writeEndArray();
        if (exchange.credential().isPresent()) {
            json.writeStringField("credential", exchange.credential().get().toString());
        }
        json.writeEndObject();
    }

    static void write(JsonGenerator json, Failover failover) throws IOException {
        json.writeObjectFieldStart("failover");
        json.writeStringField("selection", failover.selection().word());
        if (!failover.weights().isEmpty()) {
            write(json, "weights", failover.weights());
        }
        json.writeStringField("failback", failover.failback().word());
        json.writeStringField(
                "existingConnections", failover.existingConnections().word());
        json.writeStringField("whenNoneHealthy", failover.whenNoneHealthy().word());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String field, List<Integer> numbers) throws IOException {
        json.writeArrayFieldStart(field);
        for (int number : numbers) {
            json.writeNumber(number);
        }
        json.writeEndArray();
    }
}
