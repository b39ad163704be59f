package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import link.ambassador.config.Annotations;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A gateway and a sidecar as their node has them: what they weigh there, and that they go on without its kubelet
 * and without the API server.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@TestMethodOrder(OrderAnnotation.class)
@Isolated("ends the kubelet and holds the API server")
class NodeE2E {
    private static final String SIDECAR = "placement: {sidecar: {selector: {matchLabels: {app: web}}}}";

    private static BareNode node;
    private static ClusterNamespace shop;
    private static ConsumerDeployment web;
    private static Pod consumer;

    @BeforeAll
    static void shop() throws Exception {
        node = new BareNode();
        shop = new ClusterNamespace();
        web = new ConsumerDeployment(shop, "web");
        retarget("redis-a");
        web.apply(1, "", "ambassador.link/inject: required");
        web.awaitRollout();
        awaitConverged();
        consumer = web.pod();
    }

    @AfterAll
    static void noShop() {
        if (shop != null) {
            shop.close();
        }
    }

    @Test
    @Order(1) // before they had any traffic
    void idlePodsFitIntoWhatTheyRequest() throws IOException {
        Pod gateway = shop.relays().get(0);
        weigh("gateway", gateway, gateway.getSpec().getContainers().get(0));
        weigh("sidecar", consumer, consumer.getSpec().getInitContainers().get(0));
        for (Pod operator : shop.operators()) {
            boolean leads = shop.leader().startsWith(operator.getMetadata().getName());
            weigh(
                    leads ? "operator that leads" : "operator that stands by",
                    operator,
                    operator.getSpec().getContainers().get(0));
        }
    }

    private static void weigh(String what, Pod pod, Container container) throws IOException {
        PodMemory memory = PodMemory.of(node.java(pod));
        System.out.printf("e2e.memory: %s: %s%n", what, memory);
        long requested = container
                .getResources()
                .getRequests()
                .get("memory")
                .getNumericalAmount()
                .longValueExact();
        assertThat(memory.residentKib() * 1024).as(what).isBetween(1L, requested);
    }

    @Test
    @Order(2)
    void trafficFlowsWhileTheApiServerIsAway() throws Exception {
        List<String> before = identities();
        try (ServiceLoad gateway = new ServiceLoad(shop.service());
                ConsumerPodLoad sidecar = new ConsumerPodLoad(node, consumer)) {
            awaitConnects(gateway, sidecar);
            String next = other(gateway.last());
            node.withoutApiServer();
            await().atMost(ClusterNamespace.TO_START).ignoreExceptions().untilAsserted(() -> retarget(next));
            awaitArrival(next, gateway, sidecar);
            assertThat(gateway.failures())
                    .as("of %d connects", gateway.connects())
                    .isEmpty();
            System.out.printf(
                    "e2e.outage: %d s without an API server; 0 of %d connects to a gateway and of %d through a sidecar failed%n",
                    BareNode.OUTAGE.toSeconds(), gateway.connects(), sidecar.connects());
        }
        assertThat(identities()).isEqualTo(before);
    }

    @Test
    @Order(3)
    void trafficFlowsWithoutTheKubeletAndAnEditArrivesLater() throws Exception {
        assumeTrue(
                shop.kubernetes.nodes().list().getItems().size() == 1,
                "with two nodes, one that says nothing for 10 s is lost, and the endpoints of its pods with it");
        List<String> before = identities();
        try (ServiceLoad gateway = new ServiceLoad(shop.service());
                ConsumerPodLoad sidecar = new ConsumerPodLoad(node, consumer)) {
            awaitConnects(gateway, sidecar);
            String old = gateway.last();
            String next = other(old);
            node.kubelet("stop", consumer);
            try {
                retarget(next);
                await("the operator's part").until(() -> web.pod()
                        .getMetadata()
                        .getAnnotations()
                        .get(Annotations.LINKS)
                        .contains(next));
                awaitConnects(gateway, sidecar);
                assertThat(gateway.last()).isEqualTo(old);
                assertThat(sidecar.last()).isEqualTo(old);
                assertThat(gateway.failures())
                        .as("of %d connects", gateway.connects())
                        .isEmpty();
                assertThat(shop.condition("Converged")).isNotEqualTo("True Acknowledged");
            } finally {
                node.kubelet("start", consumer);
            }
            awaitArrival(next, gateway, sidecar);
            System.out.printf(
                    "e2e.kubelet: stopped and started; %d of %d connects to a gateway and 0 of %d through a sidecar failed%n",
                    gateway.failures().size(), gateway.connects(), sidecar.connects());
        }
        assertThat(identities()).isEqualTo(before);
    }

    @Test
    @Order(4) // its gateway may still be without endpoints after the one before it
    void trafficFlowsWhileTheKubeletIsKilledAndRestarted() throws Exception {
        List<String> before = identities();
        try (ServiceLoad gateway = new ServiceLoad(shop.service());
                ConsumerPodLoad sidecar = new ConsumerPodLoad(node, consumer)) {
            awaitConnects(gateway, sidecar);
            String next = other(gateway.last());
            node.kubelet("kill", consumer);
            node.kubelet("start", consumer);
            retarget(next);
            awaitArrival(next, gateway, sidecar);
            System.out.printf(
                    "e2e.kubelet: killed and started; %d of %d connects to a gateway and 0 of %d through a sidecar failed%n",
                    gateway.failures().size(), gateway.connects(), sidecar.connects());
        }
        assertThat(identities()).isEqualTo(before);
    }

    private static String other(String redis) {
        return redis.equals("redis-a") ? "redis-b" : "redis-a";
    }

    private static void retarget(String host) throws Exception {
        shop.apply(host);
        shop.applyAs("local", host, SIDECAR);
    }

    private static void awaitConverged() throws Exception {
        for (String condition : List.of("Ready", "Converged")) {
            shop.kubectl("wait", "--for=condition=" + condition, "amb/cache", "amb/local", "--timeout=85s");
        }
    }

    /**
     * The new target answers both, the status says so, and nothing has failed in the pod. A kubelet that starts takes pods for not
     * ready until it has asked them, so a Service whose pods are all on its node refuses connects meanwhile.
     */
    private static void awaitArrival(String host, ServiceLoad gateway, ConsumerPodLoad sidecar) throws Exception {
        await().atMost(ClusterNamespace.TO_START).until(gateway::last, host::equals);
        await().atMost(ClusterNamespace.TO_START).until(sidecar::last, host::equals);
        awaitConverged();
        awaitConnects(gateway, sidecar);
        assertThat(sidecar.failures()).as("of %d connects", sidecar.connects()).isEmpty();
    }

    /** A hundred more of each, answered in the end. */
    private static void awaitConnects(ServiceLoad gateway, ConsumerPodLoad sidecar) {
        long outside = gateway.connects() + 100;
        int inside = sidecar.connects() + 100;
        await().until(() -> gateway.connects() >= outside
                && sidecar.connects() >= inside
                && !gateway.last().isEmpty());
    }

    /** Of every pod with a relay: uid and restarts. */
    private static List<String> identities() {
        List<String> all = new ArrayList<>(shop.identities());
        all.addAll(web.identities());
        return all;
    }
}
