package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Annotations;
import link.ambassador.config.DurationSyntax;
import link.ambassador.config.Feature;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.config.RelayImage;
import link.ambassador.model.Credentials;
import link.ambassador.model.RelayPodDefaults;

/**
 * The Deployment of a gateway. It has nothing of the links, neither ports nor a revision, so no edit of them replaces a pod.
 *
 * <p>Its pods pass PodSecurity {@code restricted} (https://kubernetes.io/docs/concepts/security/pod-security-standards/). They name no
 * user: the image's user is a number, which the kubelet checks; and a cluster that assigns users to namespaces (OpenShift) would refuse
 * another number. They have no emptyDir either, because it is local storage, which blocks the drain and the scale-down of a node.
 */
final class GatewayDeployment {
    private static final String CONTAINER = "relay";
    private static final String ADMIN_PORT = "admin";
    private static final String LINKS_VOLUME = "links";

    /** How long a terminating pod still accepts connections, until proxies and load balancers have removed it. */
    private static final Duration ENDPOINTS_CATCH_UP = Duration.ofSeconds(5);

    private static final Duration TERMINATION_GRACE = Duration.ofSeconds(60);

    private GatewayDeployment() {}

    static Deployment of(
            Ambassador ambassador,
            GatewayNames names,
            Optional<Integer> replicas,
            ResourceRequirements resources,
            List<String> credentials,
            RelayImage relayImage) {
        return new DeploymentBuilder()
                .withMetadata(GatewayObjects.metadata(ambassador, names.others()))
                .withNewSpec()
                .withReplicas(replicas.orElse(null))
                .withRevisionHistoryLimit(2)
                .withNewSelector()
                .withMatchLabels(GatewayObjects.selector(ambassador))
                .endSelector()
                .withNewStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withMaxUnavailable(new IntOrString(0))
                .withMaxSurge(new IntOrString(1))
                .endRollingUpdate()
                .endStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(GatewayObjects.labels(ambassador))
                .withAnnotations(annotations(Optional.of(Feature.words(EnumSet.allOf(Feature.class))), credentials))
                .endMetadata()
                .withSpec(pod(ambassador, names, resources, credentials, relayImage))
                .endTemplate()
                .endSpec()
                .build();
    }

    private static PodSpec pod(
            Ambassador ambassador,
            GatewayNames names,
            ResourceRequirements resources,
            List<String> credentials,
            RelayImage relayImage) {
        return new PodSpecBuilder()
                .withAutomountServiceAccountToken(false)
                // The variables of its own Service would be links to itself.
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(TERMINATION_GRACE.toSeconds())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withNewSeccompProfile()
                .withType(RelayPodDefaults.SECCOMP_PROFILE)
                .endSeccompProfile()
                // Always, because a link below port 1024 that is added later must not replace the pods.
                .addNewSysctl()
                .withName(RelayPodDefaults.UNPRIVILEGED_PORT_START)
                .withValue("0")
                .endSysctl()
                .endSecurityContext()
                .addNewTopologySpreadConstraint()
                .withMaxSkew(1)
                .withTopologyKey("kubernetes.io/hostname")
                .withWhenUnsatisfiable("ScheduleAnyway")
                // Otherwise the pods that a rollout is about to remove count too.
                .withMatchLabelKeys("pod-template-hash")
                .withNewLabelSelector()
                .withMatchLabels(GatewayObjects.selector(ambassador))
                .endLabelSelector()
                .endTopologySpreadConstraint()
                .withImagePullSecrets(relayImage.pullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList())
                .withContainers(relay(resources, credentials, relayImage))
                .addNewVolume()
                .withName(LINKS_VOLUME)
                .withNewConfigMap()
                .withName(names.others())
                .endConfigMap()
                .endVolume()
                .addAllToVolumes(volumes(credentials))
                .build();
    }

    /** Of the pods whose relay has these features and these credentials. */
    static Map<String, String> annotations(Optional<String> features, Collection<String> credentials) {
        Map<String, String> annotations = new TreeMap<>();
        features.ifPresent(words -> annotations.put(Annotations.RELAY_FEATURES, words));
        if (!credentials.isEmpty()) {
            annotations.put(Annotations.CREDENTIALS, Credentials.words(credentials));
        }
        return annotations;
    }

    /**
     * A volume for each Secret. The kubelet brings the keys into it, and what the Secret says later; the operator does not read it.
     * A Secret that does not exist yet does not hold back the pod.
     */
    static List<Volume> volumes(Collection<String> credentials) {
        return Credentials.filesBySecret(credentials).entrySet().stream()
                .map(secret -> volume(secret.getKey(), secret.getValue()))
                .toList();
    }

    /** The mounts of {@link #volumes} in the relay's container. */
    static List<VolumeMount> mounts(Collection<String> credentials) {
        return Credentials.filesBySecret(credentials).keySet().stream()
                .map(name -> new VolumeMountBuilder()
                        .withName(RelayPodDefaults.CREDENTIAL_VOLUME_PREFIX + name)
                        .withMountPath(RelayEnvironment.DEFAULT_TLS_DIRECTORY + "/" + name)
                        .withReadOnly(true)
                        .build())
                .toList();
    }

    private static Volume volume(String secret, Collection<String> files) {
        return new VolumeBuilder()
                .withName(RelayPodDefaults.CREDENTIAL_VOLUME_PREFIX + secret)
                .withNewProjected()
                .withDefaultMode(RelayPodDefaults.CREDENTIAL_MODE)
                .addNewSource()
                .withNewSecret()
                .withName(secret)
                .withOptional(true)
                .addToItems(files.stream()
                        .map(file -> new KeyToPath(file, null, file))
                        .toArray(KeyToPath[]::new))
                .endSecret()
                .endSource()
                .endProjected()
                .build();
    }

    /** The credentials that its pods are created with, in order. */
    static Set<String> credentials(Deployment deployment) {
        return Optional.ofNullable(deployment.getSpec().getTemplate().getMetadata())
                .map(ObjectMeta::getAnnotations)
                .map(annotations -> annotations.get(Annotations.CREDENTIALS))
                .map(Credentials::in)
                .orElse(Set.of());
    }

    /** The container of the relay in a gateway's Deployment. */
    static Container relay(Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec().getContainers().get(0);
    }

    private static Container relay(ResourceRequirements resources, List<String> credentials, RelayImage relayImage) {
        return new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(relayImage.name())
                .withImagePullPolicy(relayImage.pullPolicy().orElse(null))
                .withArgs("relay")
                .addNewEnv()
                .withName(RelayEnvironment.LINKS_FILE)
                .withValue(RelayPodDefaults.LINKS_DIRECTORY + "/" + GatewayObjects.LINKS_KEY)
                .endEnv()
                .addNewEnv()
                .withName(RelayEnvironment.GRACE_PERIOD)
                // The grace period includes the preStop hook, and SIGTERM comes after that.
                .withValue(DurationSyntax.format(TERMINATION_GRACE.minus(ENDPOINTS_CATCH_UP)))
                .endEnv()
                .addAllToEnv(podFields())
                // Without the ports of links: a new one would replace the pods, and clients reach a port that is not
                // listed.
                .addNewPort()
                .withName(ADMIN_PORT)
                .withProtocol("TCP")
                .withContainerPort(RelayEnvironment.DEFAULT_ADMIN_PORT)
                .endPort()
                .withResources(resources)
                // A minute is enough for a table and its binds, also on a busy node.
                .withStartupProbe(probe("/startz", 1, 1, 60))
                // A restart cuts every connection, so only a relay that is certainly stuck is restarted.
                .withLivenessProbe(probe("/livez", 10, 5, 6))
                // Often, because a restarted kubelet reports the relay as not ready until the first probe.
                .withReadinessProbe(probe("/readyz", 1, 2, 5))
                .withNewLifecycle()
                .withNewPreStop()
                .withNewSleep(ENDPOINTS_CATCH_UP.toSeconds())
                .endPreStop()
                .endLifecycle()
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop(RelayPodDefaults.DROPPED_CAPABILITIES)
                .endCapabilities()
                .endSecurityContext()
                .addNewVolumeMount()
                .withName(LINKS_VOLUME)
                .withMountPath(RelayPodDefaults.LINKS_DIRECTORY)
                .withReadOnly(true)
                .endVolumeMount()
                .addAllToVolumeMounts(mounts(credentials))
                .build();
    }

    /** What the relay knows of its own pod. */
    private static List<EnvVar> podFields() {
        return RelayEnvironment.POD_FIELDS.entrySet().stream()
                .map(field -> new EnvVarBuilder()
                        .withName(field.getKey())
                        .withNewValueFrom()
                        .withNewFieldRef()
                        // As the API server completes it: else each reconcile would write the Deployment again.
                        .withApiVersion("v1")
                        .withFieldPath(field.getValue())
                        .endFieldRef()
                        .endValueFrom()
                        .build())
                .toList();
    }

    private static Probe probe(String path, int periodSeconds, int timeoutSeconds, int failures) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath(path)
                .withPort(new IntOrString(ADMIN_PORT))
                .endHttpGet()
                .withPeriodSeconds(periodSeconds)
                .withTimeoutSeconds(timeoutSeconds)
                .withFailureThreshold(failures)
                .build();
    }
}
