package link.ambassador.operator.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import link.ambassador.config.Link;
import link.ambassador.model.InjectionReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsumerPodTest {
    private static final String INJECTED =
            """
            metadata:
              namespace: shop
              name: web-7c9-x2x
              uid: u1
              labels: {app: web, pod-template-hash: 7c9}
              annotations: {ambassador.link/links: '{"links":[]}', ambassador.link/injected: 'redis:6379, db:5432', other: x}
              ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-7c9, uid: u2, controller: true}]
            spec:
              initContainers:
              - {name: ambassador-relay, restartPolicy: Always, image: x, env: [{name: AMBASSADOR_ALIASES, value: 'redis,db'}]}
              - {name: migrate, image: y}
              containers: [{name: app, image: z, env: [{name: A, value: b}]}]
            status:
              phase: Running
              podIP: 10.0.0.7
              initContainerStatuses:
              - {name: ambassador-relay, started: true, ready: true, restartCount: 0, image: x, imageID: x}
              - {name: migrate, started: false, ready: true, restartCount: 0, image: x, imageID: x}
              conditions: [{type: Ready, status: "False"}]
            """;

    private static final String BARE =
            """
            metadata: {namespace: shop, name: web, uid: u1, labels: {app: web}}
            spec: {containers: [{name: app, image: z}]}
            status: {phase: Succeeded}
            """;

    @Test
    void aSidecarThatHasStartedServesWhateverTheAppDoes() {
        ConsumerPod pod = pod(INJECTED);
        assertThat(pod.isInjected()).isTrue();
        assertThat(pod.relay().isServing()).isTrue();
        assertThat(pod.relay().ready()).isTrue();
        assertThat(pod.injectedLinks()).containsExactlyInAnyOrder("redis:6379", "db:5432");
        assertThat(pod.names()).containsExactlyInAnyOrder("redis", "db");
        assertThat(pod.table())
                .hasValueSatisfying(table -> assertThat(table.links()).isEmpty());
    }

    /** See PreviousVersionTest. */
    @Test
    void aPodThatAPreviousOperatorInjectedIsServed() throws IOException {
        ConsumerPod pod = pod(Files.readString(Path.of("src/test/resources/previous-version/pod.yaml")));
        assertThat(pod.serves()).isTrue();
        assertThat(pod.relay().ready()).isTrue();
        assertThat(pod.names()).containsExactlyInAnyOrder("queue", "db");
        assertThat(pod.injectedLinks()).containsExactlyInAnyOrder("queue:5672", "queue:1883", "db:5432");
        assertThat(pod.table())
                .hasValueSatisfying(table ->
                        assertThat(table.links()).extracting(Link::listen).containsExactly(5672, 1883, 5432));
    }

    @Test
    void aPodThatEndedServesNobody() {
        assertThat(pod(BARE).ended()).isTrue();
        assertThat(pod(INJECTED.replace("phase: Running", "phase: Failed")).serves())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {INJECTED, BARE})
    void whatTheCacheKeepsOfAPodTellsTheSame(String yaml) {
        Pod pod = Serialization.unmarshal(yaml, Pod.class);
        assertThat(ConsumerPod.of(TrimmedPod.of(pod))).isEqualTo(ConsumerPod.of(pod));
    }

    @ParameterizedTest
    @CsvSource({
        "ReplicaSet, web-7c9, deployment/web",
        "ReplicaSet, by-hand, ",
        "StatefulSet, web, statefulset/web",
        "DaemonSet, web, daemonset/web",
        "Job, web, "
    })
    void itsOwnerIsWhoWouldCreateItAnew(String kind, String name, String owner) {
        ConsumerPod pod = pod(INJECTED.replace("kind: ReplicaSet, name: web-7c9", "kind: " + kind + ", name: " + name));
        assertThat(pod.owner()).isEqualTo(Optional.ofNullable(owner));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spec: {hostNetwork: true} | HOST_NETWORK",
                "spec: {os: {name: windows}} | WINDOWS",
                "spec: {nodeSelector: {kubernetes.io/os: windows}} | WINDOWS",
                "metadata: {namespace: kube-system} | SYSTEM_NAMESPACE",
                "metadata: {annotations: {kubernetes.io/config.mirror: x}} | MIRROR_POD",
                "metadata: {labels: {ambassador.link/inject: 'false'}} | OPTED_OUT",
                "metadata: {labels: {ambassador.link/gateway: redis}} | GATEWAY",
                "metadata: {annotations: {ambassador.link/injection-reason: NameTaken}} | NAME_TAKEN",
                "metadata: {annotations: {ambassador.link/injection-reason: AnnotationsFull}} | ANNOTATIONS_FULL",
                "metadata: {annotations: {ambassador.link/injection-reason: Selected}} |",
                "metadata: {annotations: {ambassador.link/injection-reason: OfANewerVersion}} |",
                "metadata: {namespace: shop} |",
            })
    void whyItCanHaveNoRelayIsWhatTheWebhookSaysToo(String yaml, InjectionReason reason) {
        Pod pod = Serialization.unmarshal(yaml, Pod.class);
        assertThat(ConsumerPod.of(TrimmedPod.of(complete(pod))).obstacle()).isEqualTo(Optional.ofNullable(reason));
    }

    @Test
    void whatIsMissingIsSaidWithTheCommandThatMendsIt() {
        ConsumerPod bare = pod(INJECTED.replace("ambassador-relay", "other"));
        assertThat(RestartAdvice.needed(List.of(bare, pod(INJECTED)), List.of(), Optional.empty(), List.of()))
                .hasValueSatisfying(restart -> {
                    assertThat(restart.unserved()).isTrue();
                    assertThat(restart.sentence())
                            .isEqualTo("1 of 2 selected pods were created without a relay: "
                                    + "kubectl -n shop rollout restart deployment/web.");
                });
        assertThat(RestartAdvice.needed(List.of(pod(INJECTED)), List.of(), Optional.empty(), List.of()))
                .isEmpty();
    }

    private static ConsumerPod pod(String yaml) {
        return ConsumerPod.of(complete(Serialization.unmarshal(yaml, Pod.class)));
    }

    private static Pod complete(Pod pod) {
        if (pod.getMetadata() == null) {
            pod.setMetadata(new ObjectMeta());
        }
        if (pod.getMetadata().getNamespace() == null) {
            pod.getMetadata().setNamespace("shop");
        }
        return pod;
    }
}
