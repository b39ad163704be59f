package link.ambassador.model;

import java.util.Arrays;
import java.util.Optional;
import link.ambassador.config.Annotations;
import link.ambassador.config.Labels;
import link.ambassador.config.RelayEnvironment;

/** Why a pod gets a relay, or none. Its word is the same in logs, metrics, Events, annotations and warnings. */
public enum InjectionReason {
    SELECTED(true, "Selected", "An Ambassador of its namespace selects the pod."),
    ASKED_BY_LABEL(true, "AskedByLabel", "The pod's label " + Labels.INJECT + " asks for a relay."),
    OPTED_OUT(false, "OptedOut", "The pod's label " + Labels.INJECT + " is \"false\"."),
    NOT_SELECTED(
            false,
            "NotSelected",
            "No Ambassador selects the pod, and no label " + Labels.INJECT + " asks for a relay."),
    SYSTEM_NAMESPACE(false, "SystemNamespace", "Pods in kube-system are never injected."),
    NAMESPACE_DISABLED(
            false,
            "NamespaceDisabled",
            "The namespace's label " + Labels.INJECTION
                    + " is \"disabled\", or is not \"enabled\" where the installation asks for that."),
    MIRROR_POD(false, "MirrorPod", "Static pods cannot be changed by admission."),
    GATEWAY(false, "Gateway", "The pod is a gateway, which is a relay itself."),
    WINDOWS(false, "Windows", "The pod runs on Windows, and the relay's image is for Linux."),
    HOST_NETWORK(
            false,
            "HostNetwork",
            "The pod uses the host network, where a relay would listen on the node's ports; use a gateway."),
    NAME_TAKEN(
            false,
            "NameTaken",
            "The pod has a container or volume with a name that the relay uses ("
                    + RelayEnvironment.SIDECAR_CONTAINER + ", " + RelayPodDefaults.SIDECAR_LINKS_VOLUME
                    + "); rename it."),
    ANNOTATIONS_FULL(
            false,
            "AnnotationsFull",
            "The pod's annotations leave no room for " + Annotations.LINKS + ": Kubernetes allows 256 KiB in all."),
    NO_ROOM(
            false,
            "NoRoom",
            "A LimitRange of the namespace leaves no room for a relay in the pod: it needs "
                    + RelayPodDefaults.CPU_REQUEST_MILLICORES + "m of CPU and "
                    + RelayPodDefaults.LEAST_MEMORY_LIMIT_MEBIBYTES + "Mi."),
    TOO_LARGE(false, "TooLarge", "The pod has too many values; make lists such as its variables shorter.");

    private final boolean injects;
    private final String word;
    private final String sentence;

    InjectionReason(boolean injects, String word, String sentence) {
        this.injects = injects;
        this.word = word;
        this.sentence = sentence;
    }

    public boolean injects() {
        return injects;
    }

    /** The reason with this {@link #word}; empty when this version has no such reason. */
    public static Optional<InjectionReason> ofWord(String word) {
        return Arrays.stream(values())
                .filter(reason -> reason.word.equals(word))
                .findFirst();
    }

    /** One word, as the reason of an Event and the value of a metric's label. */
    public String word() {
        return word;
    }

    /** For a person. */
    public String sentence() {
        return sentence;
    }
}
