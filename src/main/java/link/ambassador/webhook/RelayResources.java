package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.link.Annotations;
import link.ambassador.link.Shown;
import link.ambassador.tables.NamespaceDemands;
import link.ambassador.tables.RelayFootprint;

/**
 * What a relay requests and may use: what the pod's annotations say, or {@linkplain RelayFootprint what was measured}, within
 * what its namespace allows. There is no CPU limit but where one is demanded.
 */
final class RelayResources {
    private static final BigDecimal CPU_REQUEST = BigDecimal.valueOf(RelayFootprint.CPU_REQUEST_MILLICORES, 3);
    private static final BigDecimal CPU_LIMIT = BigDecimal.valueOf(RelayFootprint.CPU_LIMIT_MILLICORES, 3);
    private static final BigDecimal MEMORY_REQUEST = mebibytes(RelayFootprint.MEMORY_REQUEST_MEBIBYTES);
    private static final BigDecimal MEMORY_LIMIT = mebibytes(RelayFootprint.MEMORY_LIMIT_MEBIBYTES);

    /** With less it would be killed before it listens, and the app would wait for it. */
    private static final BigDecimal LEAST_MEMORY_LIMIT = mebibytes(RelayFootprint.LEAST_MEMORY_LIMIT_MEBIBYTES);

    private static final String QUANTITY = "[0-9]{1,15}(\\.[0-9]{1,9})?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?";

    private record Pair(Optional<BigDecimal> request, Optional<BigDecimal> limit) {}

    private RelayResources() {}

    /**
     * Puts them into the relay's container. What the API server filled in there by itself stays (a LimitRange's defaults).
     *
     * @param ofThePod the pod's own resources (spec.resources): what a container requests must fit into them, so that
     *     a relay in such a pod only has what annotations say
     */
    static void putInto(
            ObjectNode container,
            JsonNode ofThePod,
            Map<String, String> annotations,
            NamespaceDemands demands,
            List<String> warnings) {
        boolean shared =
                ofThePod.path("requests").size() + ofThePod.path("limits").size() > 0;
        Annotated annotated = new Annotated(annotations, warnings);
        Optional<BigDecimal> cpuRequest = annotated.quantity(Annotations.CPU_REQUEST, BigDecimal.ZERO, "100m");
        Optional<BigDecimal> cpuLimit = annotated.quantity(Annotations.CPU_LIMIT, BigDecimal.ZERO, "500m");
        // A LimitRange's default, which may be less than what is requested here.
        cpuLimit = cpuLimit.or(() ->
                value(container.path("resources").path("limits").path("cpu").asText()));
        Optional<BigDecimal> memoryRequest = annotated.quantity(Annotations.MEMORY_REQUEST, BigDecimal.ZERO, "128Mi");
        Optional<BigDecimal> memoryLimit = annotated.quantity(Annotations.MEMORY_LIMIT, LEAST_MEMORY_LIMIT, "256Mi");
        if (!shared) {
            cpuRequest = cpuRequest.or(() -> Optional.of(CPU_REQUEST));
            memoryRequest = memoryRequest.or(() -> Optional.of(MEMORY_REQUEST));
            memoryLimit = memoryLimit.or(() -> Optional.of(MEMORY_LIMIT));
            if (demands.cpuLimit() && cpuLimit.isEmpty()) {
                cpuLimit = cpuRequest.map(CPU_LIMIT::max);
            }
        }
        Pair cpu = within(demands.cpu(), cpuRequest, cpuLimit, false);
        Pair memory = within(demands.memory(), memoryRequest, memoryLimit, true);
        put(container, "cpu", cpu);
        put(container, "memory", memory);
    }

    /** A request is at most the limit; what cannot be met both ways is decided for the API server's sake. */
    private static Pair within(
            NamespaceDemands.Range range,
            Optional<BigDecimal> request,
            Optional<BigDecimal> limit,
            boolean keepTheLimit) {
        Optional<BigDecimal> most = limit.map(value -> clamp(range, value));
        Optional<BigDecimal> least = request.map(value -> clamp(range, value));
        if (most.isPresent() && least.isPresent()) {
            least = Optional.of(least.get().min(most.get()));
            if (range.limitPerRequest().isPresent()) {
                BigDecimal ratio = range.limitPerRequest().get().max(BigDecimal.ONE);
                if (keepTheLimit) {
                    least = Optional.of(least.get().max(most.get().divide(ratio, 0, RoundingMode.UP)));
                } else {
                    most = Optional.of(
                            most.get().min(least.get().multiply(ratio).setScale(3, RoundingMode.DOWN)));
                }
            }
        }
        return new Pair(least, most);
    }

    private static BigDecimal clamp(NamespaceDemands.Range range, BigDecimal value) {
        BigDecimal raised = value.max(range.least().orElse(value));
        return raised.min(range.most().orElse(raised));
    }

    private static void put(ObjectNode container, String resource, Pair pair) {
        if (pair.request().isPresent()) {
            put(container, "requests", resource, pair.request().get());
        }
        if (pair.limit().isPresent()) {
            put(container, "limits", resource, pair.limit().get());
        }
    }

    private static void put(ObjectNode container, String kind, String resource, BigDecimal value) {
        ObjectNode quantities = container.withObjectProperty("resources").withObjectProperty(kind);
        String there = quantities.path(resource).asText();
        // The API server writes the same value in another way: that is not ours to undo.
        if (there.isEmpty()
                || !value(there).filter(same -> same.compareTo(value) == 0).isPresent()) {
            quantities.put(resource, resource.equals("cpu") ? cores(value) : bytes(value));
        }
    }

    private static String cores(BigDecimal value) {
        return value.movePointRight(3).setScale(0, RoundingMode.UP).toPlainString() + "m";
    }

    private static String bytes(BigDecimal value) {
        BigDecimal[] mebi = value.divideAndRemainder(mebibytes(1));
        return mebi[1].signum() == 0
                ? mebi[0].toBigInteger() + "Mi"
                : value.setScale(0, RoundingMode.UP).toPlainString();
    }

    private static BigDecimal mebibytes(int number) {
        return BigDecimal.valueOf((long) number << 20);
    }

    private static Optional<BigDecimal> value(String text) {
        return text.matches(QUANTITY) ? Optional.of(Quantity.parse(text).getNumericalAmount()) : Optional.empty();
    }

    /** The annotations with quantities. */
    private record Annotated(Map<String, String> annotations, List<String> warnings) {
        Optional<BigDecimal> quantity(String annotation, BigDecimal least, String example) {
            String text = annotations.get(annotation);
            if (text == null) {
                return Optional.empty();
            }
            Optional<BigDecimal> value =
                    value(text.strip()).filter(given -> given.signum() > 0 && given.compareTo(least) >= 0);
            if (value.isEmpty()) {
                String atLeast = least.signum() == 0 ? "" : ", at least " + bytes(least);
                warnings.add("The annotation " + annotation + " is '" + Shown.text(text)
                        + "', which is not used: it must be a quantity such as " + example + atLeast + ".");
            }
            return value;
        }
    }
}
