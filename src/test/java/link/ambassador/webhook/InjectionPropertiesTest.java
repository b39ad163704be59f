package link.ambassador.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.zjsonpatch.JsonPatch;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.PodSelector;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.TableOutcome;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class InjectionPropertiesTest {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Few names, so that they meet: aliases, host names, and what variables are made of. */
    private static final List<String> NAMES = List.of("redis", "my-redis", "my.redis", "db", "a", "9p");

    @Property(tries = 300)
    void injectedTwiceIsInjectedOnce(
            @ForAll("pods") ObjectNode pod,
            @ForAll("links") List<Link> links,
            @ForAll("demands") NamespaceConstraints demands) {
        JsonNode injected = injected(pod, links, demands);

        assertThat(inject(injected, links, demands).patch()).isEmpty();
    }

    @Property(tries = 300)
    void thePodThatWasAskedAboutStaysAsItIs(@ForAll("pods") ObjectNode pod, @ForAll("links") List<Link> links) {
        ObjectNode before = pod.deepCopy();

        injected(pod, links, NamespaceConstraints.NONE);

        assertThat(pod).isEqualTo(before);
    }

    /** Everything in the pod is still there, except in lists that are keyed by names or that the webhook changes. */
    @Property(tries = 300)
    void whatIsUnknownSurvives(@ForAll("pods") ObjectNode pod, @ForAll("links") List<Link> links) {
        JsonNode injected = injected(pod, links, NamespaceConstraints.NONE);

        assertSurvives("", pod, injected);
    }

    @Property(tries = 300)
    void aVariableOfTheAuthorIsNeverReplacedNorMovedBeforeOurs(
            @ForAll("pods") ObjectNode pod, @ForAll("links") List<Link> links) {
        JsonNode injected = injected(pod, links, NamespaceConstraints.NONE);

        for (String kind : List.of("containers", "initContainers")) {
            for (JsonNode container : pod.path("spec").path(kind)) {
                List<JsonNode> own = list(container.path("env"));
                List<JsonNode> all = list(named(injected.path("spec").path(kind), PodJson.name(container))
                        .path("env"));
                assertThat(all.subList(all.size() - own.size(), all.size())).isEqualTo(own);
                assertThat(all.stream().map(PodJson::name)).doesNotHaveDuplicates();
            }
        }
    }

    @Property(tries = 300)
    void anAddressHasOneHostsEntry(@ForAll("pods") ObjectNode pod, @ForAll("links") List<Link> links) {
        JsonNode injected = injected(pod, links, NamespaceConstraints.NONE);

        assertThat(injected.path("spec").path("hostAliases").findValuesAsText("ip"))
                .doesNotHaveDuplicates();
    }

    @Property(tries = 300)
    void aNameOfTheAuthorKeepsItsAddresses(@ForAll("pods") ObjectNode pod, @ForAll("links") List<Link> links) {
        JsonNode injected = injected(pod, links, NamespaceConstraints.NONE);

        for (String name : NAMES) {
            List<String> own = addresses(pod, name);
            if (!own.isEmpty()) {
                assertThat(addresses(injected, name)).containsExactlyInAnyOrderElementsOf(own);
            }
        }
    }

    @Property(tries = 300)
    void theRelayListensOnTheAddressOfEachNameThatItResolves(
            @ForAll("pods") ObjectNode pod, @ForAll("links") List<Link> links) {
        JsonNode injected = injected(pod, links, NamespaceConstraints.NONE);

        Map<String, String> relay =
                PodJson.environment(named(injected.path("spec").path("initContainers"), "ambassador-relay"));
        List<String> listening = List.of(relay.get("AMBASSADOR_LISTEN_HOST").split(",", -1));
        for (String name : relay.get("AMBASSADOR_ALIASES").split(",", -1)) {
            assertThat(addresses(injected, name)).isSubsetOf(listening);
        }
    }

    @Property(tries = 300)
    void theAuthorsContainersKeepTheirOrder(@ForAll("pods") ObjectNode pod, @ForAll("links") List<Link> links) {
        JsonNode injected = injected(pod, links, NamespaceConstraints.NONE);

        for (String kind : List.of("containers", "initContainers")) {
            List<String> names = names(injected.path("spec").path(kind));
            names.remove("ambassador-relay");
            assertThat(names).isEqualTo(names(pod.path("spec").path(kind)));
        }
    }

    @Property(tries = 300)
    void whatANamespaceDemandsIsMet(
            @ForAll("pods") ObjectNode pod,
            @ForAll("links") List<Link> links,
            @ForAll("demands") NamespaceConstraints demands) {
        JsonNode resources = named(
                        injected(pod, links, demands).path("spec").path("initContainers"), "ambassador-relay")
                .path("resources");

        assertMet(demands.cpu(), amount(resources, "requests", "cpu"), amount(resources, "limits", "cpu"));
        assertMet(demands.memory(), amount(resources, "requests", "memory"), amount(resources, "limits", "memory"));
        assertThat(resources.path("limits").has("memory")).isTrue();
        if (demands.cpuLimit()) {
            assertThat(resources.path("limits").has("cpu")).isTrue();
        }
    }

    private static void assertMet(NamespaceConstraints.Range range, BigDecimal request, BigDecimal limit) {
        range.least().ifPresent(least -> assertThat(request).isGreaterThanOrEqualTo(least));
        range.most().ifPresent(most -> assertThat(request).isLessThanOrEqualTo(most));
        if (limit != null) {
            assertThat(request).isLessThanOrEqualTo(limit);
            range.least().ifPresent(least -> assertThat(limit).isGreaterThanOrEqualTo(least));
            range.most().ifPresent(most -> assertThat(limit).isLessThanOrEqualTo(most));
            range.limitPerRequest().ifPresent(ratio -> assertThat(limit).isLessThanOrEqualTo(request.multiply(ratio)));
        }
    }

    private static void assertSurvives(String path, JsonNode before, JsonNode after) {
        if (before.isObject()) {
            before.properties()
                    .forEach(field ->
                            assertSurvives(path + "/" + field.getKey(), field.getValue(), after.path(field.getKey())));
        } else if (path.endsWith("ontainers")) {
            before.forEach(container -> assertSurvives(
                    path + "/" + PodJson.name(container), container, named(after, PodJson.name(container))));
        } else if (before.isArray() && !path.endsWith("/hostAliases")) {
            assertThat(list(after)).as(path).containsAll(list(before));
        } else if (!before.isArray()) {
            assertThat(after).as(path).isEqualTo(before);
        }
    }

    private static Injection inject(JsonNode pod, List<Link> links, NamespaceConstraints demands) {
        SidecarAmbassador ambassador = new SidecarAmbassador(
                "shop",
                "all",
                "uid",
                Instant.EPOCH,
                new PodSelector(Map.of("app", "web"), List.of()),
                new TableOutcome.Table(LinkTable.of(links)));
        return Injection.of(
                pod,
                new PodNamespace("shop", List.of(ambassador), demands, service -> Set.of()),
                InjectionCase.RELAY_IMAGE);
    }

    private static JsonNode injected(JsonNode pod, List<Link> links, NamespaceConstraints demands) {
        Injection injection = inject(pod, links, demands);
        assertThat(injection.reason()).isEqualTo(InjectionReason.SELECTED);
        return JsonPatch.apply(injection.patch().orElseThrow(), pod);
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> list = new ArrayList<>();
        array.forEach(list::add);
        return list;
    }

    private static List<String> names(JsonNode array) {
        List<String> names = new ArrayList<>();
        array.forEach(named -> names.add(PodJson.name(named)));
        return names;
    }

    private static JsonNode named(JsonNode array, String name) {
        for (JsonNode named : array) {
            if (PodJson.name(named).equals(name)) {
                return named;
            }
        }
        throw new AssertionError(name + " is not in " + array);
    }

    private static List<String> addresses(JsonNode pod, String name) {
        List<String> addresses = new ArrayList<>();
        for (JsonNode entry : pod.path("spec").path("hostAliases")) {
            for (JsonNode hostname : entry.path("hostnames")) {
                String address = entry.path("ip").asText();
                if (hostname.asText().equals(name) && !addresses.contains(address)) {
                    addresses.add(address);
                }
            }
        }
        return addresses;
    }

    private static BigDecimal amount(JsonNode resources, String kind, String resource) {
        JsonNode text = resources.path(kind).path(resource);
        return text.isMissingNode() ? null : Quantity.parse(text.asText()).getNumericalAmount();
    }

    @Provide
    Arbitrary<ObjectNode> pods() {
        Arbitrary<ObjectNode> metadata = Combinators.combine(unknown(), annotations())
                .as((object, annotations) -> {
                    object.putObject("labels").put("app", "web");
                    if (!annotations.isEmpty()) {
                        object.set("annotations", annotations);
                    }
                    return object;
                });
        Arbitrary<ObjectNode> spec = Combinators.combine(
                        unknown(),
                        containers(List.of("web", "exporter")),
                        containers(List.of("migrate", "istio-init", "istio-proxy", "linkerd-proxy", "warm-up")),
                        hostAliases(),
                        unknown())
                .as((object, containers, initContainers, hostAliases, securityContext) -> {
                    object.set("containers", containers);
                    if (!initContainers.isEmpty()) {
                        object.set("initContainers", initContainers);
                    }
                    if (!hostAliases.isEmpty()) {
                        object.set("hostAliases", hostAliases);
                    }
                    object.set("securityContext", securityContext);
                    return object;
                });
        return Combinators.combine(unknown(), metadata, spec).as((pod, ofPod, ofSpec) -> {
            pod.set("metadata", ofPod);
            pod.set("spec", ofSpec);
            return pod;
        });
    }

    /** Fields that a Kubernetes of the future may have. */
    private static Arbitrary<ObjectNode> unknown() {
        Arbitrary<JsonNode> value = Arbitraries.of(
                JSON.numberNode(3),
                JSON.textNode("text"),
                JSON.nullNode(),
                JSON.booleanNode(true),
                JSON.arrayNode().add(1).add("two"),
                JSON.objectNode().put("inner", 1).set("deeper", JSON.arrayNode().add(JSON.objectNode())));
        return Arbitraries.maps(Arbitraries.of("futureField", "anotherField", "x-y/z"), value)
                .ofMaxSize(3)
                .map(fields -> {
                    ObjectNode object = JSON.objectNode();
                    fields.forEach((name, field) -> object.set(name, field.deepCopy()));
                    return object;
                });
    }

    private static Arbitrary<ObjectNode> annotations() {
        return Arbitraries.maps(
                        Arbitraries.of(
                                "ambassador.link/aliases",
                                "ambassador.link/alias-port",
                                "ambassador.link/links",
                                "ambassador.link/cpu-limit",
                                "ambassador.link/memory-request",
                                "ambassador.link/memory-limit"),
                        Arbitraries.of("db,a", "true", "250m", "1Gi", "0.1", "-3", ""))
                .map(annotations -> {
                    ObjectNode object = JSON.objectNode();
                    annotations.forEach(object::put);
                    // Always overwritten.
                    object.remove("ambassador.link/links");
                    return object;
                });
    }

    private static Arbitrary<ArrayNode> containers(List<String> names) {
        Arbitrary<String> variable = Arbitraries.of(
                "REDIS_PORT_6379_TCP", "REDIS_NAME", "MY_REDIS_PORT_80_TCP_ADDR", "DB_PORT", "PATH_TO_REDIS");
        Arbitrary<List<String>> variables = variable.list().uniqueElements().ofMaxSize(4);
        Arbitrary<ObjectNode> container = Combinators.combine(unknown(), variables)
                .as((object, set) -> {
                    if (!set.isEmpty()) {
                        ArrayNode environment = object.putArray("env");
                        set.forEach(name ->
                                environment.addObject().put("name", name).put("value", "own"));
                    }
                    return object;
                });
        return Combinators.combine(
                        container.list().ofSize(names.size()),
                        Arbitraries.integers().between(0, names.size()),
                        Arbitraries.shuffle(names))
                .as((objects, count, shuffled) -> {
                    ArrayNode array = JSON.arrayNode();
                    for (int i = 0; i < count; i++) {
                        array.add(objects.get(i).put("name", shuffled.get(i)));
                    }
                    return array;
                });
    }

    private static Arbitrary<ArrayNode> hostAliases() {
        Arbitrary<ObjectNode> entry = Combinators.combine(
                        Arbitraries.of("127.0.0.1", "127.0.0.2", "10.0.0.1", "::1"),
                        Arbitraries.of(NAMES).list().ofMaxSize(2))
                .as((address, names) -> {
                    ObjectNode object = JSON.objectNode().put("ip", address);
                    names.forEach(object.putArray("hostnames")::add);
                    return object;
                });
        return entry.list().ofMaxSize(3).map(entries -> JSON.arrayNode().addAll(entries));
    }

    @Provide
    Arbitrary<List<Link>> links() {
        return Combinators.combine(Arbitraries.of(NAMES), Arbitraries.of(80, 443, 5432, 6379, 6380))
                .as((alias, listen) -> Link.of(alias, listen, List.of(new Target("target", 1))))
                .list()
                .uniqueElements(Link::listen)
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<NamespaceConstraints> demands() {
        return Combinators.combine(
                        Arbitraries.of(true, false),
                        range("0.02", "0.1", "0.3", "2"),
                        range("33554432", "134217728", "167772160", "1073741824"))
                .as(NamespaceConstraints::new);
    }

    /** Of four amounts in order, the first two of which are minima and the others maxima. */
    private static Arbitrary<NamespaceConstraints.Range> range(String... amounts) {
        return Combinators.combine(
                        Arbitraries.of(amounts[0], amounts[1])
                                .map(BigDecimal::new)
                                .optional(),
                        Arbitraries.of(amounts[2], amounts[3])
                                .map(BigDecimal::new)
                                .optional(),
                        Arbitraries.of("1", "1.5", "4").map(BigDecimal::new).optional())
                .as((least, most, ratio) -> new NamespaceConstraints.Range(least, most, ratio));
    }
}
