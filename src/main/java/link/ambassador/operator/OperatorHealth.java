package link.ambassador.operator;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** The reconciling half's part of the probes. */
@Singleton
class OperatorHealth {
    @Produces
    @Singleton
    StallWatch stalls(MeterRegistry meters) {
        return new StallWatch(StallWatch.Limits.DEFAULT, System::nanoTime, meters);
    }

    /** Whether its caches are filled, that of pods too: before that it would take over without knowing whom to write to. */
    @Produces
    @Readiness
    @Singleton
    HealthCheck caches(OperatorApplication application, AmbassadorReconciler reconciler) {
        return () -> HealthCheckResponse.named("caches")
                .status(application.isStarted() && reconciler.hasPods())
                .build();
    }

    @Produces
    @Liveness
    @Singleton
    HealthCheck stalled(StallWatch stalls) {
        return () -> {
            List<String> dead = stalls.dead();
            return HealthCheckResponse.named("stalls")
                    .status(dead.isEmpty())
                    .withData("dead", String.join(", ", dead))
                    .build();
        };
    }
}
