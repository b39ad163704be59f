package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import link.ambassador.config.Annotations;
import link.ambassador.model.RelayPodDefaults;

/**
 * What the operator decides about the relay of a gateway, and what a gateway changes only in its turn.
 *
 * @param features {@link Annotations#RELAY_FEATURES}
 * @param pullPolicy empty when it is Kubernetes' default, or somebody else's
 * @param pullSecrets without those of others
 * @param credentials that pods are created with
 * @param variables the names of its own in the environment of the relay, without those of others
 */
record DeployedRelay(
        String image,
        Optional<String> features,
        Optional<String> pullPolicy,
        Set<String> pullSecrets,
        Set<String> credentials,
        Set<String> variables) {

    /** Of a Deployment that the operator made and has not sent yet. */
    static DeployedRelay desired(Deployment deployment) {
        Container relay = GatewayDeployment.relay(deployment);
        return new DeployedRelay(
                relay.getImage(),
                features(deployment),
                Optional.ofNullable(relay.getImagePullPolicy()),
                pullSecrets(deployment),
                GatewayDeployment.credentials(deployment),
                variables(relay));
    }

    /** Of a Deployment that the API server has; of the environment and of how its image is pulled only what {@code manager} applied. */
    static DeployedRelay live(Deployment deployment, String manager) {
        Container relay = GatewayDeployment.relay(deployment);
        Map<String, Object> applied = ManagedFields.applied(deployment, manager, "f:spec", "f:template", "f:spec");
        Map<String, Object> ofRelay =
                ManagedFields.member(applied, "f:containers", "k:{\"name\":\"" + relay.getName() + "\"}");
        Map<String, Object> ofVariables = ManagedFields.member(ofRelay, "f:env");
        Map<String, Object> ofSecrets = ManagedFields.member(applied, "f:imagePullSecrets");
        return new DeployedRelay(
                relay.getImage(),
                features(deployment),
                Optional.ofNullable(relay.getImagePullPolicy())
                        .filter(policy -> ofRelay.containsKey("f:imagePullPolicy")),
                pullSecrets(deployment).stream()
                        .filter(name -> ofSecrets.containsKey("k:{\"name\":\"" + name + "\"}"))
                        .collect(Collectors.toSet()),
                GatewayDeployment.credentials(deployment),
                variables(relay).stream()
                        .filter(name -> ofVariables.containsKey("k:{\"name\":\"" + name + "\"}"))
                        .collect(Collectors.toSet()));
    }

    /** {@code desired} with this relay. */
    Deployment putInto(Deployment desired) {
        return new DeploymentBuilder(desired)
                .editSpec()
                .editTemplate()
                .editMetadata()
                .withAnnotations(GatewayDeployment.annotations(features, credentials))
                .endMetadata()
                .editSpec()
                .withImagePullSecrets(pullSecrets.stream()
                        .sorted()
                        .map(LocalObjectReference::new)
                        .toList())
                .removeMatchingFromVolumes(volume -> isOfCredential(volume.getName()))
                .addAllToVolumes(GatewayDeployment.volumes(credentials))
                .editFirstContainer()
                .withImage(image)
                .withImagePullPolicy(pullPolicy.orElse(null))
                .removeMatchingFromEnv(variable -> !variables.contains(variable.getName()))
                .removeMatchingFromVolumeMounts(mount -> isOfCredential(mount.getName()))
                .addAllToVolumeMounts(GatewayDeployment.mounts(credentials))
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private static boolean isOfCredential(String volume) {
        return volume.startsWith(RelayPodDefaults.CREDENTIAL_VOLUME_PREFIX);
    }

    private static Set<String> variables(Container relay) {
        return relay.getEnv().stream().map(EnvVar::getName).collect(Collectors.toSet());
    }

    private static Set<String> pullSecrets(Deployment deployment) {
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();
        List<LocalObjectReference> secrets =
                Optional.ofNullable(pod.getImagePullSecrets()).orElse(List.of());
        return secrets.stream().map(LocalObjectReference::getName).collect(Collectors.toSet());
    }

    private static Optional<String> features(Deployment deployment) {
        return Optional.ofNullable(deployment.getSpec().getTemplate().getMetadata())
                .map(ObjectMeta::getAnnotations)
                .map(annotations -> annotations.get(Annotations.RELAY_FEATURES));
    }
}
