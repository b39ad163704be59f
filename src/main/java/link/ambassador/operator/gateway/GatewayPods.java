package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Annotations;
import link.ambassador.config.Feature;
import link.ambassador.model.Credentials;

/**
 * The pods of a gateway: the pods whose controller is a ReplicaSet whose controller is the gateway's Deployment, each checked by its
 * uid. The label of a gateway alone proves nothing, because anyone who can create pods can set it. All from caches.
 */
public final class GatewayPods {
    private GatewayPods() {}

    /**
     * The pods of an Ambassador's gateway.
     *
     * @param deployment the gateway's, with its owner checked; empty while there is none
     */
    public static List<Pod> of(Optional<Deployment> deployment, Context<Ambassador> context) {
        return deployment
                .map(ours -> of(
                        ours,
                        context.getSecondaryResources(ReplicaSet.class),
                        context.getSecondaryResources(Pod.class)))
                .orElse(List.of());
    }

    static List<Pod> of(Deployment deployment, Set<ReplicaSet> replicaSets, Set<Pod> pods) {
        Set<String> ours = replicaSets.stream()
                .filter(replicaSet -> controller(replicaSet)
                        .filter(deployment.getMetadata().getUid()::equals)
                        .isPresent())
                .map(replicaSet -> replicaSet.getMetadata().getUid())
                .collect(Collectors.toSet());
        return pods.stream()
                .filter(pod -> controller(pod).filter(ours::contains).isPresent())
                .toList();
    }

    /** The features that every relay of these pods knows; all features when there are no pods. */
    static Set<Feature> features(List<Pod> pods) {
        Set<Feature> common = EnumSet.allOf(Feature.class);
        pods.forEach(pod -> common.retainAll(features(pod)));
        return common;
    }

    /** The features that the relay of this pod knows. */
    public static Set<Feature> features(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Annotations.RELAY_FEATURES))
                .map(Feature::in)
                .orElse(Set.of());
    }

    /** The credentials that every one of these pods has; empty when there are no pods, of which none lacks one. */
    static Optional<Set<String>> credentials(List<Pod> pods) {
        return pods.stream().map(GatewayPods::credentials).reduce((one, other) -> {
            Set<String> common = new TreeSet<>(one);
            common.retainAll(other);
            return common;
        });
    }

    /** The credentials that this pod was created with. */
    public static Set<String> credentials(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(Annotations.CREDENTIALS))
                .map(Credentials::in)
                .orElse(Set.of());
    }

    /** A ReplicaSet with nothing in it but its name and its owner. */
    public static ReplicaSet trimmed(ReplicaSet replicaSet) {
        return new ReplicaSetBuilder()
                .withNewMetadata()
                .withNamespace(replicaSet.getMetadata().getNamespace())
                .withName(replicaSet.getMetadata().getName())
                .withUid(replicaSet.getMetadata().getUid())
                .withResourceVersion(replicaSet.getMetadata().getResourceVersion())
                .withLabels(replicaSet.getMetadata().getLabels())
                .withOwnerReferences(replicaSet.getMetadata().getOwnerReferences())
                .endMetadata()
                .build();
    }

    private static Optional<String> controller(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getOwnerReferences()).orElse(List.of()).stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .map(OwnerReference::getUid)
                .findFirst();
    }
}
