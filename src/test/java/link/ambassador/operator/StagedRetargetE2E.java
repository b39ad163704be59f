package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.RolloutStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Retargets in stages as docs/safe-retarget.md says, in real pods whose consumers connect all the time. */
@Isolated("kills the operators")
class StagedRetargetE2E {
    private static final Duration LONGER_THAN_THE_TEST = Duration.ofMinutes(3);
    private static final String STAGED =
            "retarget: {rollout: {type: Staged, staged: {steps: [{relays: 1, pause: %s}, {relays: 100%%}]}}}";

    private final BareNode node = new BareNode();
    private ClusterNamespace shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new ClusterNamespace();
    }

    @AfterEach
    void noShop() {
        shop.close();
    }

    @Test
    void oneSidecarAtMostSeesATargetThatResetsAlsoWhenTheOperatorsAreKilled() throws Exception {
        String sidecar = "placement: {sidecar: {selector: {matchLabels: {app: web}}}}";
        ConsumerDeployment web = new ConsumerDeployment(shop, "web");
        shop.apply("redis-a", STAGED.formatted("1m"), sidecar);
        web.apply(3, "", "ambassador.link/inject: required");
        web.awaitRollout();
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
        List<Pod> pods = web.pods();

        try (ResettingTarget broken = new ResettingTarget(addressTowards(pods.get(0)))) {
            retarget(broken);
            await().atMost(ClusterNamespace.TO_START)
                    .until(() -> !shop.status().rollout().is(RolloutStatus.PHASE_COMPLETE));
            node.killOperators(shop);
            awaitPhase(RolloutStatus.PHASE_ROLLED_BACK);

            assertSeenByOne(broken, pods);
        }
        assertThat(shop.condition("Converged")).isEqualTo("False RolledBack");
        assertThat(shop.events()).contains("RetargetStep", "RolledBack");

        shop.apply("redis-b", STAGED.formatted("1s"), sidecar);
        shop.kubectl("wait", "--for=jsonpath={.status.rollout.phase}=Complete", "amb/cache", "--timeout=55s");
        assertThat(pods).allSatisfy(pod -> await().atMost(ClusterNamespace.TO_CONVERGE)
                .until(() -> last(web.printed(pod)), "redis-b"::equals));
    }

    @Test
    void oneReplicaOfAGatewayAtMostSeesATargetThatResets() throws Exception {
        String gateway = "placement: {gateway: {replicas: 3}}";
        shop.apply("redis-a", STAGED.formatted("1m"), gateway);
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
        List<Pod> pods = shop.relays();
        List<String> relays = shop.identities();

        try (ServiceLoad consumer = new ServiceLoad(shop.service(), LONGER_THAN_THE_TEST);
                ResettingTarget broken = new ResettingTarget(addressTowards(pods.get(0)))) {
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-a"::equals);
            retarget(broken);
            awaitPhase(RolloutStatus.PHASE_ROLLED_BACK);

            assertSeenByOne(broken, pods);
            shop.apply("redis-b", STAGED.formatted("1s"), gateway);
            shop.kubectl("wait", "--for=jsonpath={.status.rollout.phase}=Complete", "amb/cache", "--timeout=55s");
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-b"::equals);
        }
        assertThat(shop.identities()).isEqualTo(relays);
    }

    private void retarget(ResettingTarget target) throws Exception {
        shop.kubectl(
                "patch",
                "amb",
                "cache",
                "--type=json",
                "-p",
                "[{\"op\": \"replace\", \"path\": \"/spec/links/0/targets/0\", \"value\": {\"host\": \"" + target.host()
                        + "\", \"port\": " + target.port() + "}}]");
    }

    private void awaitPhase(String phase) {
        await().atMost(ClusterNamespace.TO_START)
                .until(() -> shop.status().rollout().is(phase));
    }

    private static void assertSeenByOne(ResettingTarget target, List<Pod> pods) {
        Set<String> addresses =
                pods.stream().map(pod -> pod.getStatus().getPodIP()).collect(Collectors.toSet());
        assertThat(target.sources()).hasSize(1).isSubsetOf(addresses);
    }

    /** The address of this machine by which a pod reaches it. */
    private static InetAddress addressTowards(Pod pod) throws SocketException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(pod.getStatus().getPodIP(), 1));
            return socket.getLocalAddress();
        }
    }

    private static String last(List<String> lines) {
        return lines.get(lines.size() - 1);
    }
}
