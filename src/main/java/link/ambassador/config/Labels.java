package link.ambassador.config;

/** Labels that this project sets on objects and pods. */
public final class Labels {
    /**
     * The name of the Ambassador whose gateway an object or pod is part of. Deployment, Service and PodDisruptionBudget
     * select pods by it, and informers watch what has it.
     */
    public static final String GATEWAY = "ambassador.link/gateway";

    /**
     * On a pod when it is created: {@code "true"} asks for a relay whether or not an Ambassador selects the pod yet,
     * {@code "required"} for none of the pod without one, {@code "false"} for no relay whoever selects it.
     */
    public static final String INJECT = "ambassador.link/inject";

    /** On a namespace: {@code "disabled"} leaves its pods alone; the installation may ask for {@code "enabled"}. */
    public static final String INJECTION = "ambassador.link/injection";

    /** Kubernetes' recommended labels: the application, which is this project. */
    public static final String APP_NAME = "app.kubernetes.io/name";

    /** Kubernetes' recommended labels: which of the application's instances, by the name of its Ambassador. */
    public static final String APP_INSTANCE = "app.kubernetes.io/instance";

    /** Kubernetes' recommended labels: the part of the architecture, such as {@code gateway}. */
    public static final String APP_COMPONENT = "app.kubernetes.io/component";

    /** Kubernetes' recommended labels: what it is a part of. */
    public static final String APP_PART_OF = "app.kubernetes.io/part-of";

    /** Kubernetes' recommended labels: who writes the object. */
    public static final String APP_MANAGED_BY = "app.kubernetes.io/managed-by";

    private Labels() {}
}
