package link.ambassador.tables;

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
 * What a namespace demands of every container, so that no relay is the reason why a pod is refused.
 *
 * @param cpuLimit whether a container must have a CPU limit
 * @param cpu in cores
 * @param memory in bytes
 * @see <a href="https://kubernetes.io/docs/concepts/policy/limit-range/">Limit Ranges</a>
 * @see <a href="https://kubernetes.io/docs/concepts/policy/resource-quotas/">Resource Quotas</a>
 */
public record NamespaceDemands(boolean cpuLimit, Range cpu, Range memory) {
    public static final NamespaceDemands NONE = new NamespaceDemands(false);

    /** What a container may request, and may be limited to. */
    public record Range(Optional<BigDecimal> least, Optional<BigDecimal> most, Optional<BigDecimal> limitPerRequest) {
        static final Range ANY = new Range(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** With no range demanded. */
    public NamespaceDemands(boolean cpuLimit) {
        this(cpuLimit, Range.ANY, Range.ANY);
    }

    /** Of all quotas and limit ranges of one namespace. Scopes of a quota are not looked at: a limit too many is harmless. */
    public static NamespaceDemands of(Collection<ResourceQuota> quotas, Collection<LimitRange> limitRanges) {
        List<LimitRangeItem> items = limitRanges.stream()
                .filter(range -> range.getSpec() != null && range.getSpec().getLimits() != null)
                .flatMap(range -> range.getSpec().getLimits().stream())
                .toList();
        List<LimitRangeItem> ofContainers = items.stream()
                .filter(item -> "Container".equals(item.getType()))
                .toList();
        boolean quota = quotas.stream().anyMatch(NamespaceDemands::limitsCpu);
        // The limits of a pod are those of its containers.
        boolean range = items.stream()
                .filter(item -> !"PersistentVolumeClaim".equals(item.getType()))
                .anyMatch(item -> has(item.getMax()) || has(item.getDefault()) || has(item.getMaxLimitRequestRatio()));
        return new NamespaceDemands(quota || range, range(ofContainers, "cpu"), range(ofContainers, "memory"));
    }

    private static boolean limitsCpu(ResourceQuota quota) {
        return quota.getSpec() != null
                && quota.getSpec().getHard() != null
                && quota.getSpec().getHard().containsKey("limits.cpu");
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
        return Optional.ofNullable(quantities).map(given -> given.get(resource)).map(Quantity::getNumericalAmount);
    }

    private static Optional<BigDecimal> either(Optional<BigDecimal> one, Optional<BigDecimal> other, boolean larger) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.or(() -> other);
        }
        return Optional.of(larger ? one.get().max(other.get()) : one.get().min(other.get()));
    }
}
