package link.ambassador.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A retarget to a target that is not there, as docs/preflight.md says, in real pods beside a consumer that connects all the time. The long
 * form: {@code ./mvnw verify -Pe2e -De2e.test=PreflightE2E -De2e.connects=50000}.
 */
class PreflightE2E {
    private static final int MANY = Integer.getInteger("e2e.connects", 300);

    /** For a thousand connects of a busy machine. */
    private static final Duration TO_CONNECT = Duration.ofSeconds(10);

    private ClusterNamespace shop;

    @BeforeEach
    void shop() throws Exception {
        shop = new ClusterNamespace();
    }

    @AfterEach
    void noShop() {
        shop.close();
    }

    @ParameterizedTest
    @CsvSource({
        "Each, keeps the former targets of port 6379: redis-typo:6379: ",
        "All, 0 of 1 relays reach the new targets; "
    })
    void aTypoCostsNoConnection(String mode, String message) throws Exception {
        shop.apply("redis-a", "retarget: {preflight: {mode: " + mode + "}}");
        shop.awaitCondition("Ready");
        shop.awaitCondition("Converged");
        try (ServiceLoad consumer = new ServiceLoad(shop.service())) {
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-a"::equals);

            retarget("redis-typo");
            await().atMost(ClusterNamespace.TO_CONVERGE)
                    .until(() -> shop.condition("Converged"), "False PreflightFailed"::equals);
            assertThat(shop.message("Converged")).contains(message, "redis-typo:6379");
            long told = consumer.connects();
            await().atMost(ClusterNamespace.TO_START.plus(TO_CONNECT.multipliedBy(MANY / 1000)))
                    .until(() -> consumer.connects() > told + MANY);
            assertThat(consumer.last()).isEqualTo("redis-a");

            retarget("redis-b");
            shop.awaitCondition("Converged");
            await().atMost(ClusterNamespace.TO_CONVERGE).until(consumer::last, "redis-b"::equals);
            assertThat(consumer.failures())
                    .as("of %d connects", consumer.connects())
                    .isEmpty();
            System.out.printf("e2e.preflight: %s: %d connects, none failed%n", mode, consumer.connects());
        }
        assertThat(shop.events()).containsOnlyOnce("PreflightFailed");
    }

    private void retarget(String host) throws Exception {
        shop.kubectl(
                "patch",
                "amb",
                "cache",
                "--type=json",
                "-p",
                "[{\"op\": \"replace\", \"path\": \"/spec/links/0/targets/0/host\", \"value\": \"" + host + "\"}]");
    }
}
