package link.ambassador.operator;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** The metrics of retargets and of the log. Others are where they are counted, and in the Operator SDK and Quarkus. */
final class OperatorMeters {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(90)
    };

    private final Timer retargets;

    OperatorMeters(MeterRegistry registry) {
        this.retargets = Timer.builder("ambassador.retarget")
                .description("From the edit of a resource, as the operator saw it, until every relay acknowledged it")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    void converged(Duration took) {
        retargets.record(took);
    }
}
