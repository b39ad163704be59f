package link.ambassador.model;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.Labels;

/**
 * The traits of a pod that decide whether it can have a relay. The webhook asks when the pod is created, the operator when it runs.
 *
 * @param namespace where the pod is, or is to be created
 * @param mirror whether it stands for a static pod, by the annotation {@link #MIRROR}
 * @param windows whether it is for Windows, see {@link #isWindows}
 * @param hostNetwork whether it uses the network of its node
 */
public record PodTraits(
        String namespace, Map<String, String> labels, boolean mirror, boolean windows, boolean hostNetwork) {
    /** https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-config-mirror */
    public static final String MIRROR = "kubernetes.io/config.mirror";

    /** The labels of nodes that name their operating system; the second is from before Kubernetes 1.14, and is still set. */
    public static final Set<String> NODE_OS = Set.of("kubernetes.io/os", "beta.kubernetes.io/os");

    private static final String SYSTEM_NAMESPACE = "kube-system";
    /** The value of {@code spec.os.name} and of the labels {@link #NODE_OS}. */
    public static final String WINDOWS = "windows";

    /**
     * Whether a pod is for Windows. There are other signs of that, which only the webhook sees.
     *
     * @param os its {@code spec.os.name}; null when it has none
     * @param nodeSelector the labels that its node must have
     */
    public static boolean isWindows(String os, Map<String, String> nodeSelector) {
        return WINDOWS.equals(os) || NODE_OS.stream().map(nodeSelector::get).anyMatch(WINDOWS::equals);
    }

    /** Whether its author wants no relay in it. */
    public boolean isOptedOut() {
        return "false".equals(labels.get(Labels.INJECT));
    }

    /** Why it cannot have a relay although an Ambassador or its label asks for one; empty when it can. */
    public Optional<InjectionReason> obstacle() {
        if (namespace.equals(SYSTEM_NAMESPACE)) {
            return Optional.of(InjectionReason.SYSTEM_NAMESPACE);
        }
        if (mirror) {
            return Optional.of(InjectionReason.MIRROR_POD);
        }
        if (labels.containsKey(Labels.GATEWAY)) {
            return Optional.of(InjectionReason.GATEWAY);
        }
        if (windows) {
            return Optional.of(InjectionReason.WINDOWS);
        }
        return hostNetwork ? Optional.of(InjectionReason.HOST_NETWORK) : Optional.empty();
    }
}
