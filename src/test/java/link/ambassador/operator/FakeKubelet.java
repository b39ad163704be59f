package link.ambassador.operator;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.Map;
import link.ambassador.config.Annotations;
import link.ambassador.config.Labels;

/**
 * Plays the controllers and the kubelet for gateway pods: creates pods as a ReplicaSet would, and copies the ConfigMap to the relay's
 * file whenever the pod's annotations changed.
 */
final class FakeKubelet extends FakeNode<FakeKubelet.GatewayPod> {
    FakeKubelet(KubernetesClient kubernetes, GatewayNamespace namespace, Path directory) {
        super(kubernetes, namespace, directory);
    }

    /** A pod of a gateway whose relay answers; it runs and is ready when this returns. */
    GatewayPod run(String gateway) {
        GatewayPod pod = create(gateway);
        pod.refresh();
        pod.startRelay();
        pod.reportReady("");
        return pod;
    }

    /** The same, but nothing answers on its address. */
    GatewayPod runSilent(String gateway) {
        GatewayPod pod = create(gateway);
        pod.reportReady("");
        return pod;
    }

    /** The same as {@link #run}, created by an operator of a version that knew no features. */
    GatewayPod runOld(String gateway) {
        GatewayPod pod = create(gateway, Map.of());
        pod.refresh();
        pod.startRelay();
        pod.reportReady("");
        return pod;
    }

    private GatewayPod create(String gateway) {
        return create(
                gateway,
                kubernetes
                        .apps()
                        .deployments()
                        .inNamespace(namespace)
                        .withName(gateway + "-ambassador")
                        .get()
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getAnnotations());
    }

    private GatewayPod create(String gateway, Map<String, String> annotations) {
        GatewayPod pod = new GatewayPod(gateway);
        return add(
                pod,
                new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(pod.name())
                        .withLabels(Map.of(Labels.GATEWAY, gateway))
                        .withAnnotations(annotations)
                        .withOwnerReferences(controlledBy(replicaSet(kubernetes, namespace, gateway)))
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("relay")
                        .withImage("example.com/ambassador:test")
                        .endContainer()
                        .endSpec()
                        .build());
    }

    /** That of the gateway's Deployment, created if there is none. */
    static ReplicaSet replicaSet(KubernetesClient kubernetes, String namespace, String gateway) {
        Deployment deployment = kubernetes
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName(gateway + "-ambassador")
                .get();
        ReplicaSet replicaSet = new ReplicaSetBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(gateway + "-ambassador-1")
                .withLabels(Map.of(Labels.GATEWAY, gateway))
                .withOwnerReferences(controlledBy(deployment))
                .endMetadata()
                .withNewSpec()
                .withReplicas(0)
                .withSelector(deployment.getSpec().getSelector())
                .withTemplate(deployment.getSpec().getTemplate())
                .endSpec()
                .build();
        return kubernetes.resource(replicaSet).forceConflicts().serverSideApply();
    }

    static OwnerReference controlledBy(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion("apps/v1")
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .build();
    }

    /** A pod of a gateway. */
    final class GatewayPod extends FakeNode<GatewayPod>.FakePod {
        private final String gateway;
        private String refreshedFor = "";
        private boolean holding;

        private GatewayPod(String gateway) {
            super(nextName(gateway + "-ambassador"));
            this.gateway = gateway;
        }

        /** From now on the file stays as it is, whatever the annotations are. */
        synchronized void hold() {
            holding = true;
        }

        /** The file follows the ConfigMap again. */
        synchronized void release() {
            holding = false;
            refresh();
        }

        /** Writes the file past the ConfigMap, and holds it. */
        synchronized void overwrite(String table) {
            holding = true;
            write(table);
        }

        @Override
        synchronized void changed(Map<String, String> annotations) {
            String now = annotations.get(Annotations.REVISION) + " " + annotations.get(Annotations.REFRESH);
            if (!holding && !now.equals(refreshedFor)) {
                refresh();
            }
            refreshedFor = now;
        }

        private void refresh() {
            ConfigMap map = kubernetes
                    .configMaps()
                    .inNamespace(namespace)
                    .withName(gateway + "-ambassador")
                    .get();
            // Gone with the test that has ended meanwhile.
            if (map != null) {
                write(map.getData().get("links.json"));
            }
        }
    }
}
