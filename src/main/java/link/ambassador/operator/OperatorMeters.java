package link.ambassador.operator;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Locale;
import link.ambassador.operator.delivery.KubeletRefresh;
import link.ambassador.operator.delivery.RelayPolls;
import link.ambassador.operator.sidecar.PodTableWriter;

/** The operator's own metrics; those of its reconciler and its process come from the Operator SDK and Quarkus. */
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

    private final MeterRegistry registry;
    private final Timer retargets;

    OperatorMeters(MeterRegistry registry) {
        this.registry = registry;
        this.retargets = Timer.builder("ambassador.retarget")
                .description("From the edit of a resource, as the operator saw it, until every relay acknowledged it")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        FunctionCounter.builder("ambassador.log.dropped", this, meters -> OperatorLog.droppedTotal())
                .description("Log lines dropped because the log was not read in time")
                .register(registry);
    }

    void converged(Duration took) {
        retargets.record(took);
    }

    /** The same, counted: {@code ambassador_kubelet_refreshes_total{outcome}}. */
    KubeletRefresh counted(KubeletRefresh refreshes) {
        return (pod, revision, count) ->
                counted("ambassador.kubelet.refreshes", refreshes.refresh(pod, revision, count));
    }

    /** The same, counted: {@code ambassador_table_writes_total{outcome}}, the tables that pods with sidecars were given. */
    PodTableWriter.Writes counted(PodTableWriter.Writes writes) {
        return (pod, annotations) -> counted("ambassador.table.writes", writes.write(pod, annotations));
    }

    /** The same, counted: {@code ambassador_relay_polls_total{outcome}}. */
    RelayPolls counted(RelayPolls questions) {
        return pod -> questions.ask(pod).onComplete(answer -> count("ambassador.relay.polls", word(answer)));
    }

    private Future<KubeletRefresh.Outcome> counted(String name, Future<KubeletRefresh.Outcome> write) {
        return write.onComplete(outcome ->
                count(name, outcome.succeeded() ? outcome.result().name().toLowerCase(Locale.ROOT) : "failed"));
    }

    private static String word(AsyncResult<?> answer) {
        return answer.succeeded() ? "answered" : "unreachable";
    }

    private void count(String name, String outcome) {
        registry.counter(name, "outcome", outcome).increment();
    }
}
