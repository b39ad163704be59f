package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import link.ambassador.ConcurrentTest;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** When an operator takes the Lease from a leader that this test plays, and what it reports about that leader. */
@ExtendWith(ApiServer.class)
class LeadershipIT {
    private static final Duration LONGER_THAN_A_LEASE = Duration.ofSeconds(14);
    private static final String BEFORE = "ambassador-operator-7c9-x2x";

    private KubernetesClient kubernetes;
    private Leadership next;

    @BeforeEach
    void inANamespaceOfItsOwn(KubernetesClient administrator) {
        kubernetes = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(administrator.getConfiguration())
                        .withNamespace(Namespaces.create(administrator, "leadership"))
                        .build())
                .build();
        next = new Leadership(
                OperatorSettings.read(Map.of("AMBASSADOR_RELAY_IMAGE", "example.com/ambassador:test")),
                kubernetes,
                new SimpleMeterRegistry());
    }

    @AfterEach
    void stop() {
        next.expectToStop();
        next.release();
        kubernetes.close();
    }

    @ConcurrentTest
    void aLeaderWithASlowClockKeepsTheLeaseUntilItStops() {
        Duration behind = Duration.ofHours(1);
        hold(behind);
        next.elect();
        await().during(LONGER_THAN_A_LEASE)
                .atMost(LONGER_THAN_A_LEASE.multipliedBy(3))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    hold(behind);
                    return !next.leads();
                });
        await().until(next::leads);
    }

    @ConcurrentTest
    void aLeaderWhoseClockIsAnHourAheadIsFollowedAsSoonAsAnyOther() {
        hold(Duration.ofHours(-1));
        next.elect();
        await().until(next::leads);
    }

    @ConcurrentTest
    void aLeaderThatRanOutOfHeapIsToldByTheNext() {
        kubernetes
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(BEFORE)
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("operator")
                        .withImage("example.com/ambassador:test")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        kubernetes
                .pods()
                .withName(BEFORE)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        """
                        {"status": {"containerStatuses": [{"name": "operator", "ready": false, "restartCount": 1, "image": "",
                          "imageID": "", "state": {"running": {"startedAt": "2026-01-01T00:00:05Z"}},
                          "lastState": {"terminated": {"exitCode": 3, "reason": "Error",
                            "finishedAt": "2026-01-01T00:00:00Z"}}}]}}
                        """);
        hold(Duration.ZERO);
        next.elect();
        await().until(() -> !told().isEmpty());
        assertThat(told())
                .singleElement()
                .asString()
                .contains(
                        BEFORE + ", ended without releasing the Lease",
                        "2026-01-01T00:00:00Z",
                        "exit code 3",
                        "ran out of heap");
    }

    @ConcurrentTest
    void aLeaderWhosePodIsGoneIsToldWithoutAReason() {
        hold(Duration.ZERO);
        next.elect();
        await().until(() -> !told().isEmpty());
        assertThat(told()).singleElement().asString().contains("its pod is gone");
    }

    @ConcurrentTest
    void aLeaderThatGaveTheLeaseAwayIsNoNews() {
        hold(Duration.ZERO);
        next.elect();
        kubernetes
                .leases()
                .withName(Leadership.LEASE)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"holderIdentity\": \"\"}}");
        await().until(next::leads);
        assertThat(told()).isEmpty();
    }

    private List<String> told() {
        return kubernetes.v1().events().list().getItems().stream()
                .filter(event -> event.getReason().equals("LeaderLost"))
                .map(Event::getMessage)
                .toList();
    }

    /** As the leader before renews it. */
    private void hold(Duration clockBehind) {
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC).minus(clockBehind);
        Lease lease = new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(kubernetes.getConfiguration().getNamespace())
                .withName(Leadership.LEASE)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(BEFORE + "_4711")
                .withLeaseDurationSeconds(10)
                .withAcquireTime(now)
                .withRenewTime(now)
                .withLeaseTransitions(0)
                .endSpec()
                .build();
        kubernetes.resource(lease).forceConflicts().serverSideApply();
    }
}
