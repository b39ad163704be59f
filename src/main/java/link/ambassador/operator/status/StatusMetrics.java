package link.ambassador.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.api.v1alpha1.RelayCounts;

/**
 * The status of each Ambassador as metrics: ten or eleven series each, made when somebody scrapes, so that those of a deleted Ambassador end
 * with it. Callable from any thread.
 */
public final class StatusMetrics extends Collector {
    private final Supplier<Stream<Ambassador>> ambassadors;

    /** Reads {@code ambassadors} at each scrape; none while another process reconciles, which has their metrics then. */
    public StatusMetrics(Supplier<Stream<Ambassador>> ambassadors) {
        this.ambassadors = ambassadors;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily conditions = new GaugeMetricFamily(
                "ambassador_condition",
                "1 for each condition of an Ambassador, with its status and its reason",
                List.of("namespace", "name", "type", "status", "reason"));
        GaugeMetricFamily relays = new GaugeMetricFamily(
                "ambassador_relays",
                "Relays of an Ambassador, by what is known of them",
                List.of("namespace", "name", "state"));
        ambassadors.get().filter(StatusMetrics::isComplete).forEach(ambassador -> {
            String namespace = ambassador.getMetadata().getNamespace();
            String name = ambassador.getMetadata().getName();
            for (Condition condition : ambassador.getStatus().conditions()) {
                conditions.addMetric(
                        List.of(namespace, name, condition.getType(), condition.getStatus(), condition.getReason()), 1);
            }
            counts(ambassador.getStatus().relays())
                    .forEach((state, count) -> relays.addMetric(List.of(namespace, name, state), count));
        });
        return List.of(conditions, relays);
    }

    /** It has none before its first reconcile, and somebody else may have written a part of one. */
    private static boolean isComplete(Ambassador ambassador) {
        AmbassadorStatus status = ambassador.getStatus();
        return status != null && status.relays() != null;
    }

    private static Map<String, Integer> counts(RelayCounts relays) {
        return Map.of(
                "selected", relays.selected(),
                "converged", relays.converged(),
                "stale", relays.stale(),
                "unknown", relays.unknown(),
                "outdated", relays.outdated());
    }
}
