package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.time.Duration;
import link.ambassador.kubernetes.OwnVertx;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An overloaded API server gets the time that it asks for, and a header that is no number of seconds costs nothing. */
@EnableKubernetesMockClient(kubernetesClientBuilderCustomizer = OwnVertx.class)
class RetryAfterTest {
    private static final String PATH = "/api/v1/namespaces/shop/configmaps/redis";

    private KubernetesMockServer server;
    private KubernetesClient client;

    @Test
    void theNextTryComesNoSoonerThanAsked() {
        assertThat(getAfter("2")).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Wed, 21 Oct 2099 07:28:00 GMT", "-1", "soon", "99999999999"})
    void aHeaderThatIsNoNumberOfSecondsIsPassedOver(String header) {
        assertThat(getAfter(header)).isLessThan(Duration.ofSeconds(8));
    }

    /** How long it takes a request whose first answer is 429 with that header. */
    private Duration getAfter(String header) {
        server.expect()
                .get()
                .withPath(PATH)
                .andReturn(429, "{}")
                .withHeader("Retry-After", header)
                .once();
        server.expect()
                .get()
                .withPath(PATH)
                .andReturn(
                        200,
                        new ConfigMapBuilder()
                                .withNewMetadata()
                                .withName("redis")
                                .endMetadata()
                                .build())
                .always();
        try (KubernetesClient waiting = OwnVertx.client()
                .withConfig(client.getConfiguration())
                .withHttpClientBuilderConsumer(RetryAfter::on)
                .build()) {
            long begin = System.nanoTime();
            assertThat(waiting.configMaps()
                            .inNamespace("shop")
                            .withName("redis")
                            .get()
                            .getMetadata()
                            .getName())
                    .isEqualTo("redis");
            return Duration.ofNanos(System.nanoTime() - begin);
        }
    }
}
