package link.ambassador.kubernetes;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;

/**
 * A client that throws at the first answer that is an error. The others ask again for 20 s when a server says 500, as an API
 * server does of an object whose webhook failed.
 */
public final class WithoutRetry {
    private WithoutRetry() {}

    /** The same account. Its user closes it. */
    public static KubernetesClient client(KubernetesClient kubernetes) {
        return OwnVertx.client()
                .withConfig(new ConfigBuilder(kubernetes.getConfiguration())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }
}
