package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.RelayEnvironment;

/**
 * As many Ambassadors and pods as a large cluster has, on an API server alone: the pods say that they run, each with a sidecar
 * and an address of its own on the loopback, and are as large as pods are (some 8 KiB of JSON).
 *
 * @param podsEach that each Ambassador selects
 */
record LargeCluster(KubernetesClient kubernetes, int ambassadors, int podsEach, int namespaces) {
    private static final PatchContext MERGE =
            new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();
    private static final int AT_ONCE = 16;

    int pods() {
        return ambassadors * podsEach;
    }

    String namespace(int ambassador) {
        return "crowd-" + ambassador % namespaces;
    }

    static String name(int ambassador) {
        return "cache-" + ambassador;
    }

    void createNamespacesAndPods() throws Exception {
        for (int i = 0; i < namespaces; i++) {
            kubernetes
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace(i))
                            .endMetadata()
                            .build())
                    .create();
        }
        String variables = IntStream.range(0, 40)
                .mapToObj(i ->
                        "{name: SETTING_" + i + ", value: 'https://settings.example.com/of/some/length/" + i + "'}")
                .collect(Collectors.joining(", "));
        all(pods(), number -> createPod(number, variables));
    }

    private void createPod(int number, String variables) {
        int ambassador = number / podsEach;
        String address = "127." + (100 + number / 62_500) + "." + number / 250 % 250 + "." + (1 + number % 250);
        Pod pod = Serialization.unmarshal(
                """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web-%1$d
                  namespace: %2$s
                  labels: {app: web-%3$d, pod-template-hash: 7c9f8b6d5, app.kubernetes.io/part-of: shop, team: orders}
                  annotations:
                    ambassador.link/links: '{"links":[]}'
                    ambassador.link/injected: '%4$s:6379'
                    checksum/config: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
                  ownerReferences:
                  - {apiVersion: apps/v1, kind: ReplicaSet, name: web-7c9f8b6d5, uid: 9b1c, controller: true}
                spec:
                  initContainers:
                  - name: %5$s
                    image: example.com/ambassador:test
                    restartPolicy: Always
                    startupProbe: {httpGet: {path: /startz, port: 15990}}
                    resources: {requests: {cpu: 50m, memory: 96Mi}, limits: {memory: 192Mi}}
                  containers:
                  - name: app
                    image: example.com/app:test
                    env: [%6$s]
                    readinessProbe: {httpGet: {path: /ready, port: 8080}}
                    livenessProbe: {httpGet: {path: /live, port: 8080}}
                    volumeMounts: [{name: data, mountPath: /data}, {name: config, mountPath: /etc/config}]
                  volumes:
                  - {name: data, emptyDir: {}}
                  - {name: config, configMap: {name: config}}
                """
                        .formatted(
                                number,
                                namespace(ambassador),
                                ambassador,
                                name(ambassador),
                                RelayEnvironment.SIDECAR_CONTAINER,
                                variables),
                Pod.class);
        kubernetes.resource(pod).create();
        kubernetes
                .resource(pod)
                .subresource("status")
                .patch(
                        MERGE,
                        """
                        {"status": {"phase": "Running", "podIP": "%1$s", "podIPs": [{"ip": "%1$s"}],
                         "conditions": [{"type": "Ready", "status": "True"}, {"type": "Initialized", "status": "True"},
                           {"type": "ContainersReady", "status": "True"}, {"type": "PodScheduled", "status": "True"}],
                         "containerStatuses": [{"name": "app", "ready": true, "started": true, "restartCount": 0,
                           "image": "example.com/app:test", "imageID": "example.com/app@sha256:4f53cda18c2baa0c0354bb5f",
                           "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}],
                         "initContainerStatuses": [{"name": "%2$s", "ready": true, "started": true, "restartCount": 0,
                           "image": "", "imageID": "", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}}
                        """
                                .formatted(address, RelayEnvironment.SIDECAR_CONTAINER));
    }

    void applyAmbassadors(String host) throws Exception {
        all(ambassadors, ambassador -> apply(ambassador, host));
    }

    void apply(int ambassador, String host) {
        apply(ambassador, host, "{}");
    }

    /** @param retarget the field of the spec */
    void apply(int ambassador, String host, String retarget) {
        Ambassador resource = Serialization.unmarshal(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {name: %1$s, namespace: %2$s}
                spec:
                  links:
                  - listen: 6379
                    targets: [{host: %3$s, port: 6379}, {host: %3$s.eu.example.com, port: 6379}]
                  retarget: %5$s
                  placement: {sidecar: {selector: {matchLabels: {app: web-%4$d}}}}
                """
                        .formatted(name(ambassador), namespace(ambassador), host, ambassador, retarget),
                Ambassador.class);
        kubernetes.resource(resource).forceConflicts().serverSideApply();
    }

    private static void all(int count, IntConsumer one) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<?>> under = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                under.add(threads.submit(() -> one.accept(number)));
            }
            for (Future<?> each : under) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
