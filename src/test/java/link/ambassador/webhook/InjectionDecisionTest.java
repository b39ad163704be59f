package link.ambassador.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import link.ambassador.config.LinkTable;
import link.ambassador.model.InjectionReason;
import link.ambassador.model.PodSelector;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.TableOutcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InjectionDecisionTest {
    private static final SidecarAmbassador OF_WEB = new SidecarAmbassador(
            "shop",
            "redis",
            "uid",
            Instant.EPOCH,
            new PodSelector(Map.of("app", "web"), List.of()),
            new TableOutcome.Table(LinkTable.of(List.of())));

    @ParameterizedTest
    @CsvSource({
        "web,, SELECTED",
        "web, true, SELECTED",
        "web, required, SELECTED",
        "web, false, OPTED_OUT",
        "other, true, ASKED_BY_LABEL",
        "other, required, ASKED_BY_LABEL",
        "other, false, OPTED_OUT",
        "other,, NOT_SELECTED",
    })
    void aPodIsInjectedThatIsSelectedOrAsksForIt(String app, String inject, InjectionReason reason) {
        String label = inject == null ? "" : ", ambassador.link/inject: \"" + inject + "\"";

        InjectionDecision decision = decide("shop", "{metadata: {labels: {app: " + app + label + "}}}");

        assertThat(decision).isEqualTo(new InjectionDecision(reason, List.of()));
    }

    @ParameterizedTest
    @CsvSource({"web, SELECTED", "other, NOT_SELECTED"})
    void anUnknownValueOfTheLabelAsksForNothingAndIsTold(String app, InjectionReason reason) {
        InjectionDecision decision =
                decide("shop", "{metadata: {labels: {app: " + app + ", ambassador.link/inject: enabled}}}");

        assertThat(decision.reason()).isEqualTo(reason);
        assertThat(decision.warnings())
                .containsExactly("The label ambassador.link/inject is 'enabled', which has no effect:"
                        + " it must be true, required or false.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kube-system | spec: {containers: [{name: a}]} | SYSTEM_NAMESPACE",
                "shop | spec: {hostNetwork: true} | HOST_NETWORK",
                "shop | spec: {os: {name: windows}} | WINDOWS",
                "shop | spec: {nodeSelector: {kubernetes.io/os: windows}} | WINDOWS",
                "shop | spec: {nodeSelector: {beta.kubernetes.io/os: windows}} | WINDOWS",
                "shop | spec: {securityContext: {windowsOptions: {runAsUserName: a}}} | WINDOWS",
                "shop | spec: {containers: [{name: a, securityContext: {windowsOptions: {hostProcess: true}}}]} | WINDOWS",
                "shop | spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: ["
                        + "{matchExpressions: [{key: kubernetes.io/os, operator: In, values: [windows]}]}]}}}} | WINDOWS",
                "shop | spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: ["
                        + "{matchExpressions: [{key: zone, operator: Exists}, {key: beta.kubernetes.io/os, operator: In,"
                        + " values: [windows]}]}]}}}} | WINDOWS",
                "shop | spec: {containers: [{name: ambassador-relay}]} | NAME_TAKEN",
                "shop | spec: {initContainers: [{name: ambassador-relay, restartPolicy: Always}]} | NAME_TAKEN",
                "shop | spec: {volumes: [{name: ambassador-links, secret: {}}]} | NAME_TAKEN",
            })
    void whatStandsInTheWayIsTold(String namespace, String spec, InjectionReason reason) {
        InjectionDecision decision = decide(namespace, "{metadata: {labels: {app: web}}, " + spec + "}");

        assertThat(decision.reason()).isEqualTo(reason);
        assertThat(decision.warnings()).containsExactly("No Ambassador relay was injected: " + reason.sentence());
        assertThat(decide(namespace, "{metadata: {labels: {app: other}}, " + spec + "}"))
                .isEqualTo(new InjectionDecision(InjectionReason.NOT_SELECTED, List.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{matchExpressions: [{key: kubernetes.io/os, operator: In, values: [windows, linux]}]}",
                "{matchExpressions: [{key: kubernetes.io/os, operator: NotIn, values: [windows]}]}",
                "{matchExpressions: [{key: kubernetes.io/os, operator: In, values: [windows]}]}, {matchFields: []}",
            })
    void aPodThatMayBeOnLinuxTooIsInjected(String terms) {
        assertThat(decide(
                                "shop",
                                "{metadata: {labels: {app: web}}, spec: {affinity: {nodeAffinity:"
                                        + " {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: ["
                                        + terms + "]}}}}}")
                        .reason())
                .isEqualTo(InjectionReason.SELECTED);
    }

    @Test
    void aMirrorPodIsNotInjected() {
        assertThat(decide("shop", "{metadata: {labels: {app: web}, annotations: {kubernetes.io/config.mirror: x}}}")
                        .reason())
                .isEqualTo(InjectionReason.MIRROR_POD);
    }

    @Test
    void aGatewayIsNotInjected() {
        assertThat(decide("shop", "{metadata: {labels: {app: web, ambassador.link/gateway: redis}}}")
                        .reason())
                .isEqualTo(InjectionReason.GATEWAY);
    }

    @Test
    void aLinuxPodThatSaysSoIsInjected() {
        assertThat(decide("shop", "{metadata: {labels: {app: web}}, spec: {os: {name: linux}}}")
                        .reason())
                .isEqualTo(InjectionReason.SELECTED);
    }

    @ParameterizedTest
    @EnumSource(InjectionReason.class)
    void aReasonIsAWordOfItsOwnAndASentence(InjectionReason reason) {
        assertThat(reason.word()).matches("([A-Z][a-z]+)+");
        assertThat(reason.sentence()).endsWith(".");
        assertThat(Arrays.stream(InjectionReason.values())
                        .filter(other -> other.word().equals(reason.word())))
                .containsExactly(reason);
    }

    private static InjectionDecision decide(String namespace, String pod) {
        return InjectionDecision.of(
                new PodJson(
                        Serialization.unmarshal("pod: " + pod, JsonNode.class).path("pod")),
                namespace,
                List.of(OF_WEB));
    }
}
