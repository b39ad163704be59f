package link.ambassador.config;

/** Labels that this project sets on objects and pods. */
public final class Labels {
    /**
     * The name of the Ambassador whose gateway an object or pod is part of. Deployment, Service and PodDisruptionBudget
     * select pods by it, and informers watch what has it.
     */
    public static final String GATEWAY = "ambassador.link/gateway";

    /**
     * On a pod when it is created. {@code "true"}: inject a relay, even if no Ambassador selects the pod yet. {@code
     * "required"}: do not create the pod without a relay. {@code "false"}: inject none, even if an Ambassador selects
     * the pod.
     */
    public static final String INJECT = "ambassador.link/inject";

    /** On a ControllerRevision: the name of the Ambassador whose retarget it remembers. */
    public static final String RETARGET_OF = "ambassador.link/retarget-of";

    /** On a namespace. {@code "disabled"}: inject none of its pods. An installation may require {@code "enabled"}. */
    public static final String INJECTION = "ambassador.link/injection";

    /** Kubernetes' recommended labels: the application, which is this project. */
    public static final String APP_NAME = "app.kubernetes.io/name";

    /** Kubernetes' recommended labels: the instance of the application, by the name of its Ambassador. */
    public static final String APP_INSTANCE = "app.kubernetes.io/instance";

    /** Kubernetes' recommended labels: the part of the architecture, such as {@code gateway}. */
    public static final String APP_COMPONENT = "app.kubernetes.io/component";

    /** Kubernetes' recommended labels: the application that it is part of. */
    public static final String APP_PART_OF = "app.kubernetes.io/part-of";

    /** Kubernetes' recommended labels: the program that writes the object. */
    public static final String APP_MANAGED_BY = "app.kubernetes.io/managed-by";

    private Labels() {}
}
