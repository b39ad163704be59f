package link.ambassador.operator.gateway;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.time.Duration;
import java.util.Optional;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.DurationSyntax;
import link.ambassador.config.RelayEnvironment;
import link.ambassador.model.RelayPodDefaults;

/**
 * The Deployment of a gateway. Nothing of the links is in it, neither ports nor a revision, so that no edit of them
 * replaces a pod.
 *
 * <p>Its pods pass PodSecurity {@code restricted} (https://kubernetes.io/docs/concepts/security/pod-security-standards/). No user is
 * named: the image's is a number, which the kubelet checks, and where a cluster gives each namespace users of its own (OpenShift)
 * another number would be refused. No folder to write to either: it would be local storage, for which a node is not drained and
 * not scaled down without a word.
 */
final class GatewayDeployment {
    private static final String CONTAINER = "relay";
    private static final String ADMIN_PORT = "admin";
    private static final String LINKS_VOLUME = "links";

    /** How long a pod that goes away still accepts, while proxies and load balancers learn that it does. */
    private static final Duration ENDPOINTS_CATCH_UP = Duration.ofSeconds(5);

    private static final Duration TERMINATION_GRACE = Duration.ofSeconds(60);

    private GatewayDeployment() {}

    static Deployment of(
            Ambassador ambassador,
            GatewayNames names,
            Optional<Integer> replicas,
            ResourceRequirements resources,
            GatewaySettings settings) {
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
                .endMetadata()
                .withSpec(pod(ambassador, names, resources, settings))
                .endTemplate()
                .endSpec()
                .build();
    }

    private static PodSpec pod(
            Ambassador ambassador, GatewayNames names, ResourceRequirements resources, GatewaySettings settings) {
        return new PodSpecBuilder()
                .withAutomountServiceAccountToken(false)
                // Its own Service's variables would be links to itself.
                .withEnableServiceLinks(false)
                .withTerminationGracePeriodSeconds(TERMINATION_GRACE.toSeconds())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withNewSeccompProfile()
                .withType(RelayPodDefaults.SECCOMP_PROFILE)
                .endSeccompProfile()
                // Always: a link below 1024 that is added later must not replace the pods.
                .addNewSysctl()
                .withName(RelayPodDefaults.UNPRIVILEGED_PORT_START)
                .withValue("0")
                .endSysctl()
                .endSecurityContext()
                .addNewTopologySpreadConstraint()
                .withMaxSkew(1)
                .withTopologyKey("kubernetes.io/hostname")
                .withWhenUnsatisfiable("ScheduleAnyway")
                // Else the pods that a rollout is about to remove count too.
                .withMatchLabelKeys("pod-template-hash")
                .withNewLabelSelector()
                .withMatchLabels(GatewayObjects.selector(ambassador))
                .endLabelSelector()
                .endTopologySpreadConstraint()
                .withContainers(relay(resources, settings))
                .addNewVolume()
                .withName(LINKS_VOLUME)
                .withNewConfigMap()
                .withName(names.others())
                .endConfigMap()
                .endVolume()
                .build();
    }

    private static Container relay(ResourceRequirements resources, GatewaySettings settings) {
        return new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(settings.image())
                .withImagePullPolicy(settings.imagePullPolicy().orElse(null))
                .withArgs("relay")
                .addNewEnv()
                .withName(RelayEnvironment.LINKS_FILE)
                .withValue(RelayPodDefaults.LINKS_DIRECTORY + "/" + GatewayObjects.LINKS_KEY)
                .endEnv()
                .addNewEnv()
                .withName(RelayEnvironment.GRACE_PERIOD)
                // SIGTERM comes after the preStop hook, and both are within the pod's time.
                .withValue(DurationSyntax.format(TERMINATION_GRACE.minus(ENDPOINTS_CATCH_UP)))
                .endEnv()
                // The ports of links are not here: a new one would replace the pods, and none is needed to be reached.
                .addNewPort()
                .withName(ADMIN_PORT)
                .withProtocol("TCP")
                .withContainerPort(RelayEnvironment.DEFAULT_ADMIN_PORT)
                .endPort()
                .withResources(resources)
                // A minute for a table and its binds on a busy node.
                .withStartupProbe(probe("/startz", 1, 1, 60))
                // A restart cuts every connection: only for a relay that is surely stuck.
                .withLivenessProbe(probe("/livez", 10, 5, 6))
                // Often, because a kubelet that starts again takes the relay for not ready until it has asked.
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
                .build();
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
