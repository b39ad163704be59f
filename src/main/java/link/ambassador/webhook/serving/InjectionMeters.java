package link.ambassador.webhook.serving;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The webhook's metrics. */
final class InjectionMeters {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(20),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1)
    };

    private final MeterRegistry registry;
    private final Timer answers;
    private final AtomicLong certificateEnd = new AtomicLong();

    InjectionMeters(MeterRegistry registry) {
        this.registry = registry;
        this.answers = Timer.builder("ambassador.injection.seconds")
                .description("From a review of a pod, read whole, to its answer")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        TimeGauge.builder(
                        "ambassador.webhook.certificate.not.after.timestamp",
                        certificateEnd,
                        TimeUnit.SECONDS,
                        AtomicLong::get)
                .description("When the certificate that is served ends, in seconds since 1970; 0 when none is")
                .strongReference(true)
                .register(registry);
    }

    /** {@code ambassador_injection_total{reason}}. */
    void answered(String reason, Duration took) {
        registry.counter("ambassador.injection", "reason", reason).increment();
        answers.record(took);
    }

    /** {@code ambassador_injection_lists_total{outcome}}: the API server was asked because the cache knew too little. */
    void listed(boolean answered) {
        registry.counter("ambassador.injection.lists", "outcome", answered ? "answered" : "failed")
                .increment();
    }

    void certificate(Instant end) {
        certificateEnd.set(end.getEpochSecond());
    }
}
