package link.ambassador.operator;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.prometheus.client.CollectorRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Where metrics are registered. */
@Singleton
class OperatorMetrics {
    /** The Operator SDK's own meters, without a time series for each resource, which its default would make. */
    @Produces
    @Singleton
    Metrics metrics(MeterRegistry meters) {
        return MicrometerMetrics.withoutPerResourceMetrics(meters);
    }

    /** One for the meters of Micrometer and for {@link link.ambassador.operator.status.StatusMetrics}: by default each gets its own. */
    @Produces
    @Singleton
    CollectorRegistry collectors() {
        return new CollectorRegistry(true);
    }
}
