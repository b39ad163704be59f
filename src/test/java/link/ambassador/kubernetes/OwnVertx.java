package link.ambassador.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import java.util.function.Consumer;

/**
 * Gives a client a Vert.x that ends when the client is closed. Outside an application of Quarkus, each client gets one from
 * Quarkus that nobody closes: threads and descriptors of it stay in the tests' process.
 */
public final class OwnVertx implements Consumer<KubernetesClientBuilder> {
    /** A builder of such a client. */
    public static KubernetesClientBuilder client() {
        return new KubernetesClientBuilder().withHttpClientFactory(new VertxHttpClientFactory());
    }

    @Override
    public void accept(KubernetesClientBuilder builder) {
        builder.withHttpClientFactory(new VertxHttpClientFactory());
    }
}
