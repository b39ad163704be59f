package link.ambassador.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Kubectl;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What people see of an Ambassador in kubectl, and what the operator's status is after a way through the API server. */
@ExtendWith(ApiServer.class)
class AmbassadorKubectlIT {
    private static final String SINCE = "2026-11-25T02:30:00Z";
    private static final String ORDERS_DB =
            """
            apiVersion: ambassador.link/v1alpha1
            kind: Ambassador
            metadata: {name: orders-db}
            spec:
              links:
              - {listen: 5432, targets: [{host: pg-a.eu.example.com, port: 5432}]}
            """;

    @TempDir
    Path directory;

    private KubernetesClient kubernetes;
    private Kubectl kubectl;
    private String namespace;

    @BeforeEach
    void namespace(KubernetesClient kubernetes) throws IOException, InterruptedException {
        this.kubernetes = kubernetes;
        AmbassadorCrds.install(kubernetes);
        namespace = Namespaces.create(kubernetes, "ambassador-kubectl-it");
        kubectl = new Kubectl(kubernetes, namespace, directory);
    }

    /** Operators of other tests look into every namespace. */
    @AfterEach
    void leaveNothing() {
        kubernetes.resources(Ambassador.class).inNamespace(namespace).delete();
    }

    @Test
    void everyPartOfTheStatusComesBackAsItWasWritten() throws Exception {
        Ambassador ambassador = created();
        AmbassadorStatus status = converging();
        ambassador.setStatus(status);

        kubernetes.resource(ambassador).updateStatus();

        assertThat(stored().getStatus()).isEqualTo(status);
        assertThat(stored().getMetadata().getGeneration()).isEqualTo(1);
    }

    @Test
    void theColumnsTellTheMostImportantThings() throws Exception {
        Ambassador ambassador = created();
        ambassador.setStatus(converging());
        kubernetes.resource(ambassador).updateStatus();

        assertThat(columns("amb"))
                .isEqualTo(
                        """
                        NAME LISTEN TARGET PLACEMENT RELAYS READY AGE
                        orders-db 5432 pg-a.eu.example.com:5432 gateway 38/41 True 0s
                        """);
        assertThat(columns("amb", "-o", "wide"))
                .isEqualTo(
                        """
                        NAME LISTEN TARGET PLACEMENT RELAYS READY AGE HELD GENERATION OBSERVED MESSAGE
                        orders-db 5432 pg-a.eu.example.com:5432 gateway 38/41 True 0s Draining 1 1 38 of 41 relays acknowledged.
                        """);
        assertThat(columns("all")).contains("ambassador.ambassador.link/orders-db 5432");
    }

    @Test
    void anAmbassadorThatNobodyLookedAtYetHasItsNameAndAge() throws Exception {
        created();

        assertThat(columns("ambassadors"))
                .isEqualTo(
                        """
                        NAME LISTEN TARGET PLACEMENT RELAYS READY AGE
                        orders-db 0s
                        """);
    }

    @Test
    void everyDefaultIsShownBack() throws Exception {
        created();

        assertThat(kubectl.run("", "get", "amb", "orders-db", "-o", "jsonpath={.spec}")
                        .output())
                .isEqualTo("{\"links\":[{\"connectTimeout\":\"5s\",\"halfCloseTimeout\":\"1h\",\"listen\":5432,"
                        + "\"protocol\":\"TCP\",\"targets\":[{\"host\":\"pg-a.eu.example.com\",\"port\":5432}]}],"
                        + "\"retarget\":{\"drainTimeout\":\"30s\",\"existingConnections\":\"Drain\"}}");
    }

    @Test
    void explainReadsLikeAManual() throws Exception {
        String links = kubectl.run("", "explain", "ambassador.spec.links").output();

        assertThat(links).contains("Example:", "    - listen: 6379", "Default: 5s.");
        assertThat(kubectl.run("", "explain", "ambassador.spec.hold").output())
                .contains("Example:", "    hold:", "      timeout: 60s", "The relays end it by themselves then");
        assertThat(kubectl.run("", "explain", "ambassador.spec.placement.sidecar.selector")
                        .output())
                .contains("It must not be empty.", "Labels that a pod must have");
    }

    private String columns(String... what) throws Exception {
        List<String> command = new ArrayList<>(List.of("get"));
        command.addAll(List.of(what));
        return kubectl.run("", command.toArray(String[]::new))
                .output()
                .replaceAll("[0-9]+s\\b(?=$| )", "0s")
                .replaceAll(" +", " ")
                .replaceAll("(?m) $", "");
    }

    private Ambassador created() throws Exception {
        Kubectl.Result result = kubectl.run(ORDERS_DB, "create", "-f", "-");
        assertThat(result.status()).as(result.output()).isZero();
        return stored();
    }

    private Ambassador stored() {
        return kubernetes
                .resources(Ambassador.class)
                .inNamespace(namespace)
                .withName("orders-db")
                .get();
    }

    private static AmbassadorStatus converging() {
        return new AmbassadorStatus(
                1L,
                "5f0c2a9e",
                new StatusSummary("5432", "pg-a.eu.example.com:5432", "gateway", "38/41"),
                new RelayCounts(43, 41, 38, 2, 1, 7),
                "ambassador.link/gateway=orders-db",
                List.of(new Laggard("web-7c9-x2x", "does not answer on port 15990")),
                new LastRetarget("5f0c2a9e", "pg-b:5432", "pg-a.eu.example.com:5432", SINCE, null, null, null, null),
                new HoldStatus(SINCE, "2026-11-25T02:31:00Z", null, 38, 12, 312),
                new LastHold(SINCE, "2026-11-25T02:30:07Z", LastHold.RELEASED, 312, "6s200ms"),
                null,
                List.of(
                        new TargetStatus(5432, "pg-a.eu.example.com:5432", 1, 1),
                        new TargetStatus(5432, "pg-b.us.example.com:5432", 37, 38)),
                List.of(
                        condition(ConditionReason.ACCEPTED, ConditionReason.ACCEPTED.sentence()),
                        condition(ConditionReason.RELAYS_READY, ConditionReason.RELAYS_READY.sentence()),
                        condition(ConditionReason.PROPAGATING, "38 of 41 relays acknowledged."),
                        condition(ConditionReason.NOT_TRIED, ConditionReason.NOT_TRIED.sentence()),
                        condition(ConditionReason.DRAINING, "38 of 41 relays hold.")));
    }

    private static Condition condition(ConditionReason reason, String message) {
        return new ConditionBuilder()
                .withType(reason.type().word())
                .withStatus(reason.status())
                .withReason(reason.word())
                .withMessage(message)
                .withLastTransitionTime(SINCE)
                .withObservedGeneration(1L)
                .build();
    }
}
