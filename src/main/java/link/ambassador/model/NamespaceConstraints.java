package link.ambassador.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a namespace demands of its pods and their containers, so that no pod is refused because of its relay.
 *
 * @param cpuLimit whether every container must have a CPU limit, whatever its pod is
 * @param rangeWantsCpuLimit whether the limit ranges want that of every container; quotas want it only of the pods in their scope, see
 *     {@link #wantsCpuLimit}
 * @param cpu of a container, in cores
 * @param memory of a container, in bytes
 * @param podCpu of all containers of a pod together
 * @param podMemory of all containers of a pod together
 * @see <a href="https://kubernetes.io/docs/concepts/policy/limit-range/">Limit Ranges</a>
 * @see <a href="https://kubernetes.io/docs/concepts/policy/resource-quotas/">Resource Quotas</a>
 */
public record NamespaceConstraints(
        List<QuotaDemand> quotas,
        boolean cpuLimit,
        boolean rangeWantsCpuLimit,
        Range cpu,
        Range memory,
        Range podCpu,
        Range podMemory) {
    public static final NamespaceConstraints NONE = new NamespaceConstraints(false, Range.ANY, Range.ANY);

    /** The bounds of requests and limits. */
    public record Range(Optional<BigDecimal> least, Optional<BigDecimal> most, Optional<BigDecimal> limitPerRequest) {
        static final Range ANY = new Range(Optional.empty(), Optional.empty(), Optional.empty());
    }

    public NamespaceConstraints {
        quotas = List.copyOf(quotas);
    }

    /** Without quotas, and without bounds for whole pods. */
    public NamespaceConstraints(boolean cpuLimit, Range cpu, Range memory) {
        this(List.of(), cpuLimit, cpuLimit, cpu, memory, Range.ANY, Range.ANY);
    }

    /** Of all quotas and limit ranges of one namespace. */
    public static NamespaceConstraints of(Collection<ResourceQuota> quotas, Collection<LimitRange> limitRanges) {
        List<LimitRangeItem> items = limitRanges.stream()
                .filter(range -> range.getSpec() != null && range.getSpec().getLimits() != null)
                .flatMap(range -> range.getSpec().getLimits().stream())
                .toList();
        List<LimitRangeItem> ofContainers = ofType(items, "Container");
        List<LimitRangeItem> ofPods = ofType(items, "Pod");
        List<QuotaDemand> read = quotas.stream().map(QuotaDemand::of).toList();
        boolean ofAll = ofContainers.stream().anyMatch(NamespaceConstraints::isOfCpu);
        return new NamespaceConstraints(
                read,
                ofAll
                        || ofPods.stream().anyMatch(NamespaceConstraints::isOfCpu)
                        || read.stream().anyMatch(quota -> quota.hard().contains("limits.cpu")),
                ofAll,
                range(ofContainers, "cpu"),
                range(ofContainers, "memory"),
                range(ofPods, "cpu"),
                range(ofPods, "memory"));
    }

    private static boolean isOfCpu(LimitRangeItem item) {
        return has(item.getMax()) || has(item.getDefault()) || has(item.getMaxLimitRequestRatio());
    }

    /** Whether every container of a pod with this spec must have a CPU limit. */
    public boolean wantsCpuLimit(JsonNode spec) {
        return rangeWantsCpuLimit
                || quotas.stream()
                        .anyMatch(quota -> quota.hard().contains("limits.cpu") && quota.concerns(spec, false));
    }

    /**
     * Whether a pod without requests and limits would come into the scope of a quota because its relay has some. The quota may then
     * demand what the pod's own containers do not have.
     */
    public boolean concernsOnceResourcesAreSaid(JsonNode spec) {
        return quotas.stream().anyMatch(quota -> quota.concerns(spec, false) && !quota.concerns(spec, true));
    }

    private static List<LimitRangeItem> ofType(List<LimitRangeItem> items, String type) {
        return items.stream().filter(item -> type.equals(item.getType())).toList();
    }

    private static boolean has(Map<String, Quantity> quantities) {
        return quantities != null && quantities.containsKey("cpu");
    }

    private static Range range(List<LimitRangeItem> items, String resource) {
        Optional<BigDecimal> least = Optional.empty();
        Optional<BigDecimal> most = Optional.empty();
        Optional<BigDecimal> ratio = Optional.empty();
        for (LimitRangeItem item : items) {
            least = either(least, amount(item.getMin(), resource), true);
            most = either(most, amount(item.getMax(), resource), false);
            ratio = either(ratio, amount(item.getMaxLimitRequestRatio(), resource), false);
        }
        return new Range(least, most, ratio);
    }

    private static Optional<BigDecimal> amount(Map<String, Quantity> quantities, String resource) {
        return Optional.ofNullable(quantities).map(given -> given.get(resource)).flatMap(QuantitySyntax::amount);
    }

    private static Optional<BigDecimal> either(Optional<BigDecimal> one, Optional<BigDecimal> other, boolean larger) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.or(() -> other);
        }
        return Optional.of(larger ? one.get().max(other.get()) : one.get().min(other.get()));
    }
}
