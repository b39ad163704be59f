package link.ambassador.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.zjsonpatch.JsonPatch;
import java.util.List;
import java.util.Set;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.NamespaceConstraints;
import link.ambassador.model.QuantitySyntax;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a relay takes of what its pod and its namespace leave: it is never why a pod is refused. */
class RelayResourcesTest {
    private static final String GUARANTEED =
            "{limits: {cpu: 300m, memory: 256Mi}, requests: {cpu: 300m, memory: 256Mi}}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scopes: [NotBestEffort]",
                "scopeSelector: {matchExpressions: [{scopeName: NotBestEffort, operator: Exists}]}",
                "scopes: [NotBestEffort, NotTerminating]",
            })
    void aRelayBringsNoPodUnderAQuotaThatDidNotConcernIt(String scope) {
        NamespaceConstraints demands = quota("hard: {requests.cpu: 1, limits.cpu: 2, limits.memory: 1Gi}, " + scope);

        assertThat(relay("{}", demands).has("resources")).isFalse();
        // As before where the pod is concerned anyway.
        assertThat(relay(GUARANTEED, demands).path("resources").path("limits").has("cpu"))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hard: {limits.cpu: 2}, scopes: [Terminating]",
                "hard: {limits.cpu: 2}, scopes: [BestEffort]",
                "hard: {limits.cpu: 2}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]}",
                "hard: {pods: 2}",
            })
    void aQuotaOfOtherPodsAsksForNothing(String spec) {
        JsonNode resources = relay("{requests: {cpu: 1}}", quota(spec)).path("resources");

        assertThat(resources)
                .hasToString("{\"requests\":{\"cpu\":\"50m\",\"memory\":\"96Mi\"},\"limits\":{\"memory\":\"192Mi\"}}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // The app's, the maximum of the pod, and what is left.
                "{limits: {cpu: 700m, memory: 384Mi}, requests: {cpu: 100m, memory: 64Mi}} | {cpu: 1, memory: 512Mi} | '' | 50m 96Mi  128Mi",
                "{limits: {cpu: 700m, memory: 384Mi}, requests: {cpu: 700m, memory: 384Mi}} | {cpu: 1, memory: 512Mi} | '' | 250m 128Mi 250m 128Mi",
                "{limits: {cpu: 900m, memory: 448Mi}, requests: {cpu: 900m, memory: 448Mi}} | {cpu: 1, memory: 512Mi} | '' | 100m 64Mi 100m 64Mi",
                "{limits: {memory: 128Mi}, requests: {cpu: 100m, memory: 128Mi}} | {memory: 1Gi} | {memory: 1} | 50m 192Mi  192Mi",
                "{limits: {memory: 150Mi}, requests: {memory: 100Mi}} | {memory: 1Gi} | {memory: 1500m} | 50m 128Mi  192Mi",
            })
    void aLimitRangeOfPodsLeavesTheRelayWhatTheOthersDoNotTake(String app, String most, String ratio, String expected) {
        JsonNode resources = relay(app, range("Pod", most, ratio)).path("resources");

        assertThat(shown(resources)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Pod | {limits: {memory: 449Mi}} | {memory: 512Mi}",
                "Pod | {limits: {cpu: 960m}, requests: {cpu: 960m}} | {cpu: 1}",
                "Container | {limits: {memory: 32Mi}} | {memory: 63Mi}",
            })
    void whereNotEvenTheLeastIsLeftThereIsNoRelay(String type, String app, String most) {
        Injection injection = inject(pod(app, ""), range(type, most, ""));

        assertThat(injection.reason()).isEqualTo(InjectionReason.NO_ROOM);
        assertThat(injection.warnings())
                .containsExactly("No Ambassador relay was injected: " + InjectionReason.NO_ROOM.sentence());
        assertThat(injection.patch().orElseThrow()).hasSize(1);
        assertThat(injection.patch().get().path(0).path("value").toString()).contains("\"NoRoom\"");
    }

    @Test
    void whatEndsBeforeTheRelayBeginsTakesNothingFromIt() {
        String init = "initContainers: [{name: istio-init, resources: {limits: {memory: 500Mi}}}]";

        JsonNode pod = injected(pod("{limits: {memory: 100Mi}}", init), range("Pod", "{memory: 512Mi}", ""));

        assertThat(pod.path("spec")
                        .path("initContainers")
                        .path(1)
                        .path("resources")
                        .path("limits")
                        .path("memory"))
                .hasToString("\"192Mi\"");
    }

    @Test
    void whatRunsOnceBesideTheRelayTakesItsPartOfIt() {
        String init = "initContainers: [{name: migrate, resources: {limits: {memory: 400Mi}}}]";

        JsonNode pod = injected(pod("{limits: {memory: 100Mi}}", init), range("Pod", "{memory: 512Mi}", ""));

        assertThat(pod.path("spec")
                        .path("initContainers")
                        .path(0)
                        .path("resources")
                        .path("limits")
                        .path("memory"))
                .hasToString("\"112Mi\"");
    }

    @Test
    void aGuaranteedPodStaysGuaranteed() {
        assertThat(shown(relay(GUARANTEED, NamespaceConstraints.NONE).path("resources")))
                .isEqualTo("250m 192Mi 250m 192Mi");
        JsonNode pod = injected(pod(GUARANTEED, ""), NamespaceConstraints.NONE);
        assertThat(inject(pod, NamespaceConstraints.NONE).patch()).isEmpty();
    }

    /**
     * Else it would scale nothing: it divides by the requests of all containers, sidecars too, and one without is an error
     * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details).
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{requests: {cpu: 100m}}                          | '' | ''",
                "{limits: {cpu: 100m}}                            | '' | ''",
                "{requests: {cpu: 100m, memory: 1Gi}}             | '' | {cpu: 200m, memory: 2Gi}",
                "{requests: {cpu: 100m}}                          | 1  | ''",
                "{requests: {cpu: 300m, memory: 256Mi}, limits: {cpu: 300m, memory: 256Mi}} | '' | ''",
            })
    void anAutoscalerFindsThatTheRelayRequestsCpu(String app, String cpuLimit, String most) {
        ObjectNode pod = (ObjectNode) pod(app, "");
        if (!cpuLimit.isEmpty()) {
            ((ObjectNode) pod.path("metadata").path("annotations")).put("ambassador.link/cpu-limit", cpuLimit);
        }
        NamespaceConstraints demands = most.isEmpty() ? NamespaceConstraints.NONE : range("Container", most, "");

        JsonNode requests = injected(pod, demands)
                .path("spec")
                .path("initContainers")
                .path(0)
                .path("resources")
                .path("requests");

        assertThat(QuantitySyntax.amount(requests.path("cpu").asText()))
                .hasValueSatisfying(cpu -> assertThat(cpu).isPositive());
    }

    @Test
    void whoSaysOtherwiseOfAGuaranteedPodIsWarned() {
        JsonNode pod = Serialization.unmarshal(
                Serialization.asYaml(pod(GUARANTEED, ""))
                        .replace("annotations: {}", "annotations: {ambassador.link/cpu-request: 100m}"),
                JsonNode.class);

        assertThat(inject(pod, NamespaceConstraints.NONE).warnings()).isEmpty();
        ((ObjectNode) pod.path("metadata").path("annotations")).put("ambassador.link/cpu-limit", "200m");
        assertThat(inject(pod, NamespaceConstraints.NONE).warnings())
                .containsExactly(
                        "The pod is no longer Guaranteed: its annotations give the relay requests that differ from the limits.");
    }

    @Test
    void aQuotaThatHasRoomForThePodAndNotForItsRelayIsTold() {
        ResourceQuota quota = Serialization.unmarshal(
                """
                kind: ResourceQuota
                apiVersion: v1
                metadata: {name: team}
                spec: {hard: {limits.memory: 1Gi}}
                status: {hard: {limits.memory: 1Gi}, used: {limits.memory: 800Mi}}
                """,
                ResourceQuota.class);

        Injection injection =
                inject(pod("{limits: {memory: 100Mi}}", ""), NamespaceConstraints.of(List.of(quota), List.of()));

        assertThat(injection.reason()).isEqualTo(InjectionReason.ASKED_BY_LABEL);
        assertThat(injection.warnings())
                .containsExactly("The ResourceQuota team has no room in limits.memory for the pod's relay (192Mi).");
        assertThat(inject(pod("{limits: {memory: 300Mi}}", ""), NamespaceConstraints.of(List.of(quota), List.of()))
                        .warnings())
                .isEmpty();
    }

    private static String shown(JsonNode resources) {
        return resources.path("requests").path("cpu").asText() + " "
                + resources.path("requests").path("memory").asText() + " "
                + resources.path("limits").path("cpu").asText() + " "
                + resources.path("limits").path("memory").asText();
    }

    private static NamespaceConstraints quota(String spec) {
        return NamespaceConstraints.of(
                List.of(Serialization.unmarshal(
                        "kind: ResourceQuota\napiVersion: v1\nmetadata: {name: team}\nspec: {" + spec + "}",
                        ResourceQuota.class)),
                List.of());
    }

    private static NamespaceConstraints range(String type, String most, String ratio) {
        return NamespaceConstraints.of(
                List.of(),
                List.of(Serialization.unmarshal(
                        "kind: LimitRange\napiVersion: v1\nmetadata: {name: team}\nspec: {limits: [{type: " + type
                                + ", max: " + most + (ratio.isEmpty() ? "" : ", maxLimitRequestRatio: " + ratio)
                                + "}]}",
                        LimitRange.class)));
    }

    private static JsonNode pod(String resources, String spec) {
        return Serialization.unmarshal(
                "metadata: {labels: {ambassador.link/inject: 'true'}, annotations: {}}\nspec: {containers: [{name: app, resources: "
                        + resources + "}]" + (spec.isEmpty() ? "" : ", " + spec) + "}",
                JsonNode.class);
    }

    private static JsonNode relay(String resources, NamespaceConstraints demands) {
        return injected(pod(resources, ""), demands)
                .path("spec")
                .path("initContainers")
                .path(0);
    }

    private static JsonNode injected(JsonNode pod, NamespaceConstraints demands) {
        return JsonPatch.apply(inject(pod, demands).patch().orElseThrow(), pod);
    }

    private static Injection inject(JsonNode pod, NamespaceConstraints demands) {
        return Injection.of(
                pod, new PodNamespace("shop", List.of(), demands, service -> Set.of()), InjectionCase.RELAY_IMAGE);
    }
}
