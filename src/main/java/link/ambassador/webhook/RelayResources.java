package link.ambassador.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.Annotations;
import link.ambassador.config.Printable;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.QuantitySyntax;
import link.ambassador.model.RelayPodDefaults;

/**
 * The resources that a relay requests and may use: those of the pod's annotations, or {@linkplain RelayPodDefaults the measured ones},
 * within what its namespace allows. It has no CPU limit unless one is demanded, or the pod is Guaranteed and must stay so.
 */
final class RelayResources {
    private static final BigDecimal CPU_REQUEST = BigDecimal.valueOf(RelayPodDefaults.CPU_REQUEST_MILLICORES, 3);
    private static final BigDecimal CPU_LIMIT = BigDecimal.valueOf(RelayPodDefaults.CPU_LIMIT_MILLICORES, 3);

    /** It is requested too, and so reserved on the node; therefore it is half of the usual limit. */
    private static final BigDecimal GUARANTEED_CPU = new BigDecimal("0.25");

    private static final BigDecimal MEMORY_REQUEST = mebibytes(RelayPodDefaults.MEMORY_REQUEST_MEBIBYTES);
    private static final BigDecimal MEMORY_LIMIT = mebibytes(RelayPodDefaults.MEMORY_LIMIT_MEBIBYTES);

    /** With less, it would be killed before it listens, and the app would wait for it. */
    private static final BigDecimal LEAST_MEMORY_LIMIT = mebibytes(RelayPodDefaults.LEAST_MEMORY_LIMIT_MEBIBYTES);

    private record Pair(Optional<BigDecimal> request, Optional<BigDecimal> limit) {
        boolean isGuaranteed() {
            return limit.isPresent()
                    && request.filter(value -> value.compareTo(limit.get()) == 0)
                            .isPresent();
        }
    }

    private RelayResources() {}

    /**
     * Sets them in the relay's container. What the API server has set there stays (the defaults of a LimitRange).
     *
     * @param spec the pod's, with the relay in its place. If the pod has resources of its own (spec.resources), the requests of its
     *     containers must fit into those, so its relay only gets what annotations ask for
     * @return false when the namespace leaves too few resources, so that the pod gets no relay
     */
    static boolean putInto(
            ObjectNode container,
            JsonNode spec,
            Map<String, String> annotations,
            NamespaceConstraints demands,
            List<String> warnings) {
        JsonNode ofThePod = spec.path("resources");
        boolean shared =
                ofThePod.path("requests").size() + ofThePod.path("limits").size() > 0;
        Annotated annotated = new Annotated(annotations, warnings);
        Pair cpu = new Pair(
                annotated.quantity(Annotations.CPU_REQUEST, BigDecimal.ZERO, "100m"),
                annotated.quantity(Annotations.CPU_LIMIT, BigDecimal.ZERO, "500m"));
        Pair memory = new Pair(
                annotated.quantity(Annotations.MEMORY_REQUEST, BigDecimal.ZERO, "128Mi"),
                annotated.quantity(Annotations.MEMORY_LIMIT, LEAST_MEMORY_LIMIT, "256Mi"));
        QosClass quality = QosClass.of(spec);
        boolean asked = cpu.request()
                .or(cpu::limit)
                .or(memory::request)
                .or(memory::limit)
                .isPresent();
        if (quality == QosClass.BEST_EFFORT && !asked && demands.concernsOnceResourcesAreSaid(spec)) {
            container.remove("resources");
            return true;
        }
        BigDecimal leastCpu = CPU_REQUEST.min(cpu.request().orElse(CPU_REQUEST));
        // The default of a LimitRange, which may be less than the request here.
        cpu = new Pair(cpu.request(), cpu.limit().or(() -> filledIn(container)));
        if (!shared && quality == QosClass.GUARANTEED) {
            cpu = guaranteed(cpu, GUARANTEED_CPU);
            memory = guaranteed(memory, MEMORY_LIMIT);
        } else if (!shared) {
            cpu = new Pair(Optional.of(cpu.request().orElse(CPU_REQUEST)), cpu.limit());
            memory = new Pair(
                    Optional.of(memory.request().orElse(MEMORY_REQUEST)),
                    Optional.of(memory.limit().orElse(MEMORY_LIMIT)));
            if (cpu.limit().isEmpty() && demands.wantsCpuLimit(spec)) {
                cpu = new Pair(cpu.request(), cpu.request().map(CPU_LIMIT::max));
            }
        }
        cpu = withinPod(demands.podCpu(), spec, "cpu", within(demands.cpu(), cpu.request(), cpu.limit(), false));
        memory = withinPod(
                demands.podMemory(), spec, "memory", within(demands.memory(), memory.request(), memory.limit(), true));
        if (isLess(memory.limit(), LEAST_MEMORY_LIMIT)
                || (demands.podCpu().most().isPresent()
                        && (isLess(cpu.request(), leastCpu) || isLess(cpu.limit(), leastCpu)))) {
            return false;
        }
        put(container, "cpu", cpu);
        put(container, "memory", memory);
        if (!shared && quality == QosClass.GUARANTEED && !(cpu.isGuaranteed() && memory.isGuaranteed())) {
            warnings.add(
                    "The pod is no longer Guaranteed: its annotations give the relay requests that differ from the limits.");
        }
        UsedUpQuotas.warn(demands, spec, container, warnings);
        return true;
    }

    private static Pair guaranteed(Pair said, BigDecimal otherwise) {
        BigDecimal limit = said.limit().or(said::request).orElse(otherwise);
        return new Pair(Optional.of(said.request().orElse(limit)), Optional.of(limit));
    }

    private static Optional<BigDecimal> filledIn(ObjectNode container) {
        return QuantitySyntax.amount(
                container.path("resources").path("limits").path("cpu").asText());
    }

    private static boolean isLess(Optional<BigDecimal> value, BigDecimal least) {
        return value.filter(amount -> amount.compareTo(least) < 0).isPresent();
    }

    /** A request is at most the limit. If the range contradicts itself, the API server's check decides. */
    private static Pair within(
            NamespaceConstraints.Range range,
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

    /** What the pod's other containers leave of the bound for the whole pod. They may exceed it already, without a relay. */
    private static Pair withinPod(NamespaceConstraints.Range range, JsonNode spec, String resource, Pair wanted) {
        PodLoad requests = PodLoad.of(spec, "requests", resource);
        PodLoad limits = PodLoad.of(spec, "limits", resource);
        Optional<BigDecimal> limit = atMost(wanted.limit(), range, limits);
        Optional<BigDecimal> request = atMost(wanted.request(), range, requests);
        if (request.isPresent() && range.limitPerRequest().isPresent()) {
            BigDecimal sum = limits.beside().add(limit.orElse(BigDecimal.ZERO));
            BigDecimal needed = sum.divide(range.limitPerRequest().get().max(BigDecimal.ONE), 3, RoundingMode.UP)
                    .subtract(requests.beside());
            request = Optional.of(request.get().max(limit.map(needed::min).orElse(request.get())));
        }
        if (request.isPresent() && limit.isPresent()) {
            request = Optional.of(request.get().min(limit.get()));
        }
        return new Pair(request, limit);
    }

    private static Optional<BigDecimal> atMost(
            Optional<BigDecimal> wanted, NamespaceConstraints.Range range, PodLoad load) {
        return wanted.map(value -> range.most()
                .map(most -> most.subtract(load.beside()).max(BigDecimal.ZERO).min(value))
                .orElse(value));
    }

    private static BigDecimal clamp(NamespaceConstraints.Range range, BigDecimal value) {
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
        // The API server may write the same value in another way, which stays.
        if (QuantitySyntax.amount(there)
                .filter(same -> same.compareTo(value) == 0)
                .isEmpty()) {
            quantities.put(resource, resource.equals("cpu") ? cores(value) : bytes(value));
        }
    }

    private static String cores(BigDecimal value) {
        return value.movePointRight(3).setScale(0, RoundingMode.UP).toPlainString() + "m";
    }

    static String bytes(BigDecimal value) {
        BigDecimal[] mebi = value.divideAndRemainder(mebibytes(1));
        return mebi[1].signum() == 0
                ? mebi[0].toBigInteger() + "Mi"
                : value.setScale(0, RoundingMode.UP).toPlainString();
    }

    private static BigDecimal mebibytes(int number) {
        return BigDecimal.valueOf((long) number << 20);
    }

    /** The annotations with quantities. */
    private record Annotated(Map<String, String> annotations, List<String> warnings) {
        Optional<BigDecimal> quantity(String annotation, BigDecimal least, String example) {
            String text = annotations.get(annotation);
            if (text == null) {
                return Optional.empty();
            }
            Optional<BigDecimal> value = QuantitySyntax.amount(text.strip())
                    .filter(given -> given.signum() > 0 && given.compareTo(least) >= 0);
            if (value.isEmpty()) {
                String atLeast = least.signum() == 0 ? "" : ", at least " + bytes(least);
                warnings.add("The annotation " + annotation + " is '" + Printable.text(text)
                        + "', which is ignored: it must be a quantity such as " + example + atLeast + ".");
            }
            return value;
        }
    }
}
