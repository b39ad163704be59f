package link.ambassador.webhook.serving;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

    private static final String INJECTION = "ambassador.injection";
    private static final String REFUSED = "ambassador.injection.refused";
    private static final String REASON = "reason";

    private final MeterRegistry registry;
    private final Timer answers;
    private final AtomicLong certificateEnd = new AtomicLong();

    InjectionMeters(MeterRegistry registry) {
        this.registry = registry;
        this.answers = Timer.builder("ambassador.injection.seconds")
                .description("From a complete admission review to its answer")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        TimeGauge.builder(
                        "ambassador.webhook.certificate.not.after.timestamp",
                        certificateEnd,
                        TimeUnit.SECONDS,
                        AtomicLong::get)
                .description("When the webhook's certificate expires, in seconds since 1970; 0 without a certificate")
                .strongReference(true)
                .register(registry);
        // From 0 on, because Prometheus sees no increase in a counter that begins with 1.
        registry.counter(INJECTION, REASON, Admission.FAILED);
        for (String reason : List.of("BadReview", "TooManyBytes", "NoRoom", "TooLate")) {
            registry.counter(REFUSED, REASON, reason);
        }
    }

    /** {@code ambassador_injection_total{reason}}. */
    void answered(String reason, Duration took) {
        registry.counter(INJECTION, REASON, reason).increment();
        answers.record(took);
    }

    /** {@code ambassador_injection_lists_total{outcome}}: the cache was not enough, so the API server was asked. */
    void listed(String outcome) {
        registry.counter("ambassador.injection.lists", "outcome", outcome).increment();
    }

    /** {@code ambassador_injection_refused_total{reason}}: requests that were refused. */
    void refused(String reason) {
        registry.counter(REFUSED, REASON, reason).increment();
    }

    /** {@code ambassador_injection_held_bytes}. */
    void holding(BodyBudget bodies) {
        Gauge.builder("ambassador.injection.held", bodies, BodyBudget::held)
                .description("Bytes of unanswered admission reviews, beyond the first 16 KiB of each")
                .baseUnit("bytes")
                .strongReference(true)
                .register(registry);
    }

    void certificate(Instant end) {
        certificateEnd.set(end.getEpochSecond());
    }
}
