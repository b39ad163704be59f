package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import link.ambassador.kubernetes.Namespaces;
import org.awaitility.Awaitility;

/** A namespace of one test on the API server that all share: what its users write there, and what they see. */
final class GatewayNamespace implements AutoCloseable {
    /** Long enough for a machine that does much else; what is right comes in a second. */
    static final Duration SOON = Duration.ofSeconds(30);

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final KubernetesClient kubernetes;
    private final String name;

    private GatewayNamespace(KubernetesClient kubernetes, String name) {
        this.kubernetes = kubernetes;
        this.name = name;
    }

    static GatewayNamespace create(KubernetesClient kubernetes) {
        String name = "gateways-" + COUNT.incrementAndGet();
        Namespaces.apply(kubernetes, name, Map.of());
        return new GatewayNamespace(kubernetes, name);
    }

    String name() {
        return name;
    }

    /** A link in the flow style of YAML; {@code targets} are {@code host:port}, the port that it listens on by default. */
    static String link(int listen, String... targets) {
        return Arrays.stream(targets)
                .map(target -> target.split(":", 2))
                .map(target -> "{host: '" + target[0] + "', port: " + (target.length > 1 ? target[1] : listen) + "}")
                .collect(Collectors.joining(", ", "{listen: " + listen + ", targets: [", "]}"));
    }

    /** @param fields of the spec, each with its name */
    static String manifest(String ambassador, String... fields) {
        return Stream.of(fields)
                .map(field -> "  " + field + "\n")
                .collect(Collectors.joining(
                        "",
                        "apiVersion: ambassador.link/v1alpha1\nkind: Ambassador\nmetadata: {name: " + ambassador
                                + "}\nspec:\n",
                        ""));
    }

    /** An Ambassador with one link from 6379 to these targets. */
    static String redis(String ambassador, String... targets) {
        return manifest(ambassador, "links: [" + link(6379, targets) + "]");
    }

    Ambassador apply(String manifest) {
        return kubernetes
                .resource(Serialization.unmarshal(manifest, Ambassador.class))
                .inNamespace(name)
                .forceConflicts()
                .serverSideApply();
    }

    /** Applies and waits until it is accepted with all that it says. */
    AmbassadorStatus applied(String manifest) {
        Ambassador applied = apply(manifest);
        return Awaitility.await(applied.getMetadata().getName() + " is accepted")
                .atMost(SOON)
                .until(
                        () -> status(applied.getMetadata().getName()),
                        status -> status != null
                                && status.observedGeneration()
                                        .equals(applied.getMetadata().getGeneration())
                                && reason(status, "Accepted").equals("Accepted"));
    }

    Ambassador ambassador(String ambassador) {
        return kubernetes
                .resources(Ambassador.class)
                .inNamespace(name)
                .withName(ambassador)
                .get();
    }

    void delete(String ambassador) {
        kubernetes
                .resources(Ambassador.class)
                .inNamespace(name)
                .withName(ambassador)
                .delete();
    }

    /** Waits until a new object is younger than this Ambassador: creation times are whole seconds. */
    void awaitAnotherSecond(String ambassador) {
        Instant second = Instant.parse(ambassador(ambassador).getMetadata().getCreationTimestamp())
                .plusSeconds(1);
        Awaitility.await().until(() -> Instant.now().isAfter(second));
    }

    /** The status; null when no operator has written one yet. */
    AmbassadorStatus status(String ambassador) {
        AmbassadorStatus status = ambassador(ambassador).getStatus();
        return status == null || status.observedGeneration() < 0 ? null : status;
    }

    AmbassadorStatus await(String ambassador, String type, String reason) {
        return awaitStatus(ambassador, status -> reason(status, type).equals(reason));
    }

    AmbassadorStatus awaitStatus(String ambassador, Predicate<AmbassadorStatus> wanted) {
        return Awaitility.await("status of " + ambassador)
                .atMost(SOON)
                // An API server that waits for a webhook may close a connection meanwhile.
                .ignoreException(KubernetesClientException.class)
                .until(() -> status(ambassador), status -> status != null && wanted.test(status));
    }

    /** Calls {@code watcher} with the Ambassador, now and after each change. */
    Watch watch(String ambassador, Watcher<Ambassador> watcher) {
        return kubernetes
                .resources(Ambassador.class)
                .inNamespace(name)
                .withName(ambassador)
                .watch(watcher);
    }

    static String reason(AmbassadorStatus status, String type) {
        return condition(status, type).map(Condition::getReason).orElse("");
    }

    static String message(AmbassadorStatus status, String type) {
        return condition(status, type).map(Condition::getMessage).orElse("");
    }

    private static Optional<Condition> condition(AmbassadorStatus status, String type) {
        return status == null
                ? Optional.empty()
                : status.conditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst();
    }

    /** The reasons of the Events on an Ambassador, in the order they were written. */
    List<String> events(String ambassador) {
        return eventObjects(ambassador).map(Event::getReason).toList();
    }

    List<String> eventMessages(String ambassador, String reason) {
        return eventObjects(ambassador)
                .filter(event -> event.getReason().equals(reason))
                .map(Event::getMessage)
                .toList();
    }

    /** Kubernetes writes Events too, on a Service or a Deployment of the same name. */
    private Stream<Event> eventObjects(String ambassador) {
        return kubernetes.v1().events().inNamespace(name).list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getKind().equals("Ambassador"))
                .filter(event -> event.getInvolvedObject().getName().equals(ambassador))
                .sorted(Comparator.comparingLong(
                        event -> Long.parseLong(event.getMetadata().getResourceVersion())));
    }

    /** What the relays of an Ambassador are to serve; empty when it has no ConfigMap. */
    String table(String ambassador) {
        return get(ConfigMap.class, ambassador + "-ambassador")
                .map(map -> map.getData().get("links.json"))
                .orElse("");
    }

    <T extends HasMetadata> Optional<T> get(Class<T> type, String object) {
        return Optional.ofNullable(
                kubernetes.resources(type).inNamespace(name).withName(object).get());
    }

    /** Writes into the status of a gateway's Deployment what its controller, which does not run here, writes when pods are refused. */
    void refusePods(String gateway, String message) {
        kubernetes
                .apps()
                .deployments()
                .inNamespace(name)
                .withName(gateway + "-ambassador")
                .editStatus(deployment -> new DeploymentBuilder(deployment)
                        .withNewStatus()
                        .addNewCondition()
                        .withType("ReplicaFailure")
                        .withStatus("True")
                        .withReason("FailedCreate")
                        .withMessage(message)
                        .endCondition()
                        .endStatus()
                        .build());
    }

    /** The objects with the names of a gateway, also if others created them. */
    List<HasMetadata> objects(String ambassador) {
        List<HasMetadata> found = new ArrayList<>();
        Stream.of(Service.class, ConfigMap.class, Deployment.class, PodDisruptionBudget.class)
                .forEach(type -> found.addAll(kubernetes
                        .resources(type)
                        .inNamespace(name)
                        .withLabel("ambassador.link/gateway", ambassador)
                        .list()
                        .getItems()));
        return found;
    }

    /** The resourceVersion of everything here that an operator writes. */
    Map<String, String> versions() {
        Map<String, String> versions = new TreeMap<>();
        Stream.of(
                        Ambassador.class,
                        Service.class,
                        ConfigMap.class,
                        Deployment.class,
                        PodDisruptionBudget.class,
                        Pod.class,
                        Event.class)
                .flatMap(type -> kubernetes.resources(type).inNamespace(name).list().getItems().stream())
                .forEach(object -> versions.put(
                        object.getKind() + " " + object.getMetadata().getName(),
                        object.getMetadata().getResourceVersion()));
        return versions;
    }

    String version(Class<? extends HasMetadata> type, String object) {
        return get(type, object).orElseThrow().getMetadata().getResourceVersion();
    }

    /** Nothing collects garbage here: the Ambassadors go, so that the operator of the next test has none to look after. */
    @Override
    public void close() {
        kubernetes.resources(Ambassador.class).inNamespace(name).delete();
    }
}
