package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.NamespaceConstraints.Range;
import link.ambassador.model.QuantitySyntax;
import link.ambassador.model.RelayPodDefaults;

/**
 * What a relay of a gateway requests and may use. The same quantity may be written in several ways ({@code 0.5}, {@code 500m}); the
 * Operator SDK's matcher, which compares it with the live Deployment, knows that.
 */
final class GatewayResources {
    private static final String CPU = "cpu";
    private static final String MEMORY = "memory";

    /** The decimals that Kubernetes keeps of a quantity. */
    private static final int MILLI = 3;

    private GatewayResources() {}

    /** What the Ambassador asks for, or what was measured. */
    static ResourceRequirements of(Ambassador ambassador) {
        return specified(ambassador).orElseGet(GatewayResources::measured);
    }

    /**
     * The same within what its namespace demands: what was measured moves into the ranges, and a CPU limit is added where one is
     * demanded. What the Ambassador asks for stays as it is; a refusal of it becomes a condition.
     */
    static ResourceRequirements of(Ambassador ambassador, NamespaceConstraints demands) {
        Optional<ResourceRequirements> specified = specified(ambassador);
        Map<String, Quantity> requests = new TreeMap<>();
        Map<String, Quantity> limits = new TreeMap<>();
        ResourceRequirements plain = of(ambassador);
        requests.putAll(plain.getRequests());
        limits.putAll(plain.getLimits());
        if (specified.isEmpty()) {
            fitMemory(demands.memory(), requests, limits);
            fitCpuRequest(demands.cpu(), requests);
        }
        if (demands.cpuLimit() && !limits.containsKey(CPU)) {
            limits.put(CPU, cores(cpuLimit(demands.cpu(), amount(requests, CPU).orElse(BigDecimal.ZERO))));
        }
        return new ResourceRequirementsBuilder()
                .withRequests(requests)
                .withLimits(limits)
                .build();
    }

    private static void fitMemory(Range range, Map<String, Quantity> requests, Map<String, Quantity> limits) {
        BigDecimal limit = within(range, amount(limits, MEMORY).orElseThrow());
        BigDecimal request =
                within(range, amount(requests, MEMORY).orElseThrow()).min(limit);
        // With many connections the relay needs all of the limit, so the request is what changes.
        request = range.limitPerRequest()
                .map(ratio -> limit.divide(ratio.max(BigDecimal.ONE), 0, RoundingMode.UP))
                .orElse(request)
                .max(request);
        put(limits, MEMORY, limit, bytes(limit));
        put(requests, MEMORY, request, bytes(request));
    }

    private static void fitCpuRequest(Range range, Map<String, Quantity> requests) {
        BigDecimal request = within(range, amount(requests, CPU).orElseThrow());
        put(requests, CPU, request, cores(request));
    }

    private static BigDecimal cpuLimit(Range range, BigDecimal request) {
        BigDecimal limit = within(range, BigDecimal.valueOf(RelayPodDefaults.CPU_LIMIT_MILLICORES, 3))
                .max(request);
        return range.limitPerRequest()
                .filter(ratio -> request.signum() > 0)
                .map(ratio -> request.multiply(ratio.max(BigDecimal.ONE)).setScale(3, RoundingMode.DOWN))
                .orElse(limit)
                .min(limit);
    }

    private static BigDecimal within(Range range, BigDecimal value) {
        BigDecimal raised = value.max(range.least().orElse(value));
        return raised.min(range.most().orElse(raised));
    }

    /** An equal amount stays as it is written. */
    private static void put(Map<String, Quantity> quantities, String resource, BigDecimal value, Quantity written) {
        if (amount(quantities, resource)
                .filter(same -> same.compareTo(value) == 0)
                .isEmpty()) {
            quantities.put(resource, written);
        }
    }

    private static Optional<BigDecimal> amount(Map<String, Quantity> quantities, String resource) {
        return Optional.ofNullable(quantities.get(resource)).map(Quantity::getNumericalAmount);
    }

    private static Quantity cores(BigDecimal value) {
        BigDecimal millicores = value.movePointRight(3).setScale(0, RoundingMode.UP);
        return new Quantity(millicores.toPlainString(), "m");
    }

    private static Quantity bytes(BigDecimal value) {
        return new Quantity(value.setScale(0, RoundingMode.UP).toPlainString());
    }

    private static Optional<ResourceRequirements> specified(Ambassador ambassador) {
        return GatewayNames.placement(ambassador)
                .flatMap(placement -> Optional.ofNullable(placement.resources()))
                .map(GatewayResources::rounded);
    }

    private static ResourceRequirements measured() {
        return new ResourceRequirementsBuilder()
                .addToRequests(CPU, new Quantity("" + RelayPodDefaults.CPU_REQUEST_MILLICORES, "m"))
                .addToRequests(MEMORY, mebibytes(RelayPodDefaults.MEMORY_REQUEST_MEBIBYTES))
                .addToLimits(MEMORY, mebibytes(RelayPodDefaults.MEMORY_LIMIT_MEBIBYTES))
                .build();
    }

    private static Quantity mebibytes(int count) {
        return new Quantity("" + count, "Mi");
    }

    private static ResourceRequirements rounded(ResourceRequirements resources) {
        return new ResourceRequirementsBuilder(resources)
                .withRequests(rounded(resources.getRequests()))
                .withLimits(rounded(resources.getLimits()))
                .build();
    }

    private static Map<String, Quantity> rounded(Map<String, Quantity> quantities) {
        Map<String, Quantity> rounded = new TreeMap<>();
        if (quantities != null) {
            quantities.forEach((name, quantity) -> rounded.put(name, rounded(quantity)));
        }
        return rounded;
    }

    /**
     * As the API server stores it: {@code 100u} becomes {@code 1m}. A quantity with at most three decimals stays as it is written.
     * So does an invalid one, which the API server then rejects with its reason.
     */
    private static Quantity rounded(Quantity quantity) {
        return QuantitySyntax.amount(quantity)
                .map(BigDecimal::stripTrailingZeros)
                .filter(amount -> amount.scale() > MILLI)
                .map(amount ->
                        new Quantity(amount.setScale(MILLI, RoundingMode.UP).toPlainString()))
                .orElse(quantity);
    }
}
