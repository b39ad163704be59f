package link.ambassador.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Labels;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;
import link.ambassador.config.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GatewayObjectsTest {
    private final Ambassador redis = GatewayCase.named("smallest").ambassador();

    /** {@code -Dgolden.update=true} writes them again; then read the diff. */
    @ParameterizedTest
    @MethodSource("link.ambassador.operator.gateway.GatewayCase#all")
    void theObjectsAreThoseOfTheFiles(GatewayCase gateway) throws IOException {
        if (Boolean.getBoolean("golden.update")) {
            gateway.update();
        }
        assertThat(gateway.made()).isEqualTo(gateway.expected());
    }

    @Test
    void theServiceIsTheFirstToBeCreated() {
        assertThat(GatewayCase.objects(GatewayCase.named("two-replicas").ambassador())
                        .all())
                .extracting(HasMetadata::getKind)
                .containsExactly("Service", "ConfigMap", "Deployment", "PodDisruptionBudget");
    }

    @Test
    void aSingleRelayHasNoBudgetThatWouldBlockADrainOfItsNode() {
        assertThat(GatewayCase.objects(redis).disruptionBudget()).isEmpty();
    }

    @Test
    void noEditOfLinksReachesTheDeployment() {
        LinkTable other = LinkTable.of(List.of(
                Link.of("other", 80, List.of(new Target("a", 1), new Target("b", 2))),
                Link.of("another", 443, List.of(new Target("c", 3)))));

        GatewayObjects before = GatewayCase.objects(redis);
        GatewayObjects after =
                GatewayObjects.of(redis, other, List.of(), GatewayCase.RELAY_IMAGE, GatewaySurroundings.NONE);

        assertThat(after.deployment()).isEqualTo(before.deployment());
        assertThat(after.configMap()).isNotEqualTo(before.configMap());
        assertThat(after.service()).isNotEqualTo(before.service());
    }

    @Test
    void theFileOfTheConfigMapIsTheTable() {
        GatewayObjects objects = GatewayCase.objects(redis);

        String file = objects.configMap().getData().get(GatewayObjects.LINKS_KEY);
        assertThat(LinkTableReader.read(file.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new ParseResult.Accepted(GatewayCase.table(redis), List.of()));
    }

    @Test
    void theLongestNameIsAName() {
        redis.getMetadata().setName("a".repeat(52));

        assertThat(GatewayNames.of(redis).others()).hasSize(63);
    }

    @Test
    void thePodsCarryWhatTheyAreSelectedBy() {
        GatewayObjects objects = GatewayCase.objects(redis);

        var labels = objects.deployment().getSpec().getTemplate().getMetadata().getLabels();
        assertThat(labels).containsEntry(Labels.GATEWAY, "redis");
        assertThat(GatewayObjects.selector(redis))
                .isEqualTo(objects.service().getSpec().getSelector())
                .isEqualTo(objects.deployment().getSpec().getSelector().getMatchLabels());
        assertThat(labels).containsAllEntriesOf(GatewayObjects.selector(redis));
    }
}
