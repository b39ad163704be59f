package link.ambassador.operator;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** The Operator SDK's own meters, without a time series for each resource, which its default would make. */
@Singleton
class OperatorMetrics {
    @Produces
    @Singleton
    Metrics metrics(MeterRegistry meters) {
        return MicrometerMetrics.withoutPerResourceMetrics(meters);
    }
}
