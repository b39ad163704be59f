package link.ambassador.operator.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableWriter;
import link.ambassador.config.Target;
import link.ambassador.config.WhenUnavailable;
import link.ambassador.model.ExposedPort;
import link.ambassador.model.PodSelector;
import link.ambassador.model.PodTable;
import link.ambassador.model.SidecarAmbassador;
import link.ambassador.model.TableOutcome;
import link.ambassador.operator.delivery.RelayStatus;
import link.ambassador.operator.delivery.RelaySync;
import link.ambassador.operator.delivery.RelaySync.SyncState;
import link.ambassador.operator.status.AmbassadorEvent;
import link.ambassador.operator.status.ObservedState;
import org.junit.jupiter.api.Test;

/** What is observed of an Ambassador's pods, from pods as the API server has them. */
class SidecarStateTest {
    private static final Link REDIS = Link.of("redis", 6379, List.of(new Target("redis-a", 6379)));
    private static final ObservedState.Reconcile RECONCILE =
            new ObservedState.Reconcile("redis", 1, "0.1.0", Instant.EPOCH, Optional.empty());

    private static final String INJECTED =
            """
            metadata:
              namespace: shop
              name: %1$s-7c9-x2x
              uid: %1$s
              labels: {app: web, pod-template-hash: 7c9}
              annotations: {ambassador.link/injected: 'redis:6379'}
              ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: %1$s-7c9, uid: u2, controller: true}]
            spec:
              initContainers:
              - {name: ambassador-relay, env: [{name: AMBASSADOR_ALIASES, value: 'redis'}]}
            """;
    private static final String BARE =
            INJECTED.substring(0, INJECTED.indexOf("spec:")).replace("ambassador.link/injected: 'redis:6379'", "%2$s")
                    + "spec: {hostNetwork: %3$s}\n";

    private Map<String, Set<ExposedPort>> services = Map.of();

    /** Of every link, why it cannot listen; empty as long as no relay was asked. */
    private Optional<String> says = Optional.empty();

    @Test
    void theServiceOfItsAliasIsHiddenOnThePortsThatNoLinkCovers() {
        services = Map.of("redis", Set.of(tcp(6379), tcp(26379), tcp(9121)), "other", Set.of(tcp(80)));

        ObservedState state = observe(List.of(REDIS), List.of(REDIS), injected("web"), injected("api"));

        assertThat(state.acceptance().reason()).isEqualTo(ConditionReason.SERVICE_SHADOWED);
        assertThat(state.acceptance().isAccepted()).isTrue();
        assertThat(state.acceptance().message())
                .isEqualTo(
                        "The alias hides ports 9121, 26379 of the Service redis in these pods. Add links for them, or use"
                                + " redis.shop.");
    }

    @Test
    void noServiceIsHiddenFromPodsThatDoNotHaveTheName() {
        services = Map.of("redis", Set.of(tcp(26379)));

        assertThat(observe(
                                List.of(REDIS),
                                List.of(REDIS),
                                pod(INJECTED.formatted("web").replace("value: 'redis'", "value: ''")))
                        .acceptance()
                        .reason())
                .isEqualTo(ConditionReason.ACCEPTED);
    }

    @Test
    void aTargetThatAnotherAmbassadorListensOnIsTheRelayItself() {
        Link chained = Link.of("redis", 6379, List.of(new Target("localhost", 5432)));
        Link db = Link.of("db", 5432, List.of(new Target("pg-a", 5432)));

        ObservedState state = observe(List.of(chained), List.of(chained, db), injected("web"));

        assertThat(state.acceptance().reason()).isEqualTo(ConditionReason.TARGET_IS_SELF);
        assertThat(state.acceptance().message())
                .contains("6379", "localhost:5432", "another Ambassador", "web-7c9-x2x");
    }

    @Test
    void podsWithoutARelayAreReportedOnceForEachReason() {
        String taken = "ambassador.link/injection-reason: NameTaken";
        ObservedState state = observe(
                List.of(REDIS),
                List.of(REDIS),
                bare("d", "", true),
                bare("c", "", true),
                bare("b", "", true),
                bare("a", "", true),
                bare("a", "", true),
                bare("e", taken, false));

        assertThat(state.ongoing()).extracting(AmbassadorEvent::reason).containsExactly("HostNetwork", "NameTaken");
        assertThat(state.ongoing().get(0).message())
                .startsWith(
                        "Pods of deployment/a, deployment/b, deployment/c and 1 more are selected and have no relay:"
                                + " The pod uses the host network")
                .endsWith("use a gateway.");
        assertThat(state.ongoing().get(1).message()).contains("deployment/e", "rename it");
        assertThat(state.wanted()).isZero();
        assertThat(state.restartNeeded()).isEmpty();
    }

    @Test
    void whatWasWishedIsNotTold() {
        Pod optedOut = Serialization.unmarshal(BARE.formatted("web", "", "false"), Pod.class);
        optedOut.getMetadata().getLabels().put("ambassador.link/inject", "false");

        assertThat(observe(List.of(REDIS), List.of(REDIS), ConsumerPod.of(optedOut))
                        .ongoing())
                .isEmpty();
    }

    @Test
    void aNameThatCameAfterThePodIsToldWithTheCommandThatBringsIt() {
        Link db = Link.of("db", 5432, List.of(new Target("pg-a", 5432)));

        assertThat(observe(List.of(REDIS, db), List.of(REDIS, db), injected("web"), injected("web"))
                        .ongoing())
                .containsExactly(new AmbassadorEvent(
                        true,
                        "RestartNeeded",
                        "Pods of deployment/web predate the alias db. The link works on 127.0.0.1, but not by this"
                                + " name. kubectl -n shop rollout restart deployment/web."));
    }

    @Test
    void aLowPortWithoutTheRightIsReportedWithTheCommand() {
        Link web = Link.of("web", 80, List.of(new Target("web-a", 80)));
        says = Optional.of("Permission denied");
        ConsumerPod before = injected("web");
        ConsumerPod anew = pod(INJECTED.formatted("api")
                + "  securityContext: {sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: '0'}]}\n");

        assertThat(observe(List.of(web), List.of(web), before, anew).restartNeeded())
                .contains(new ObservedState.Restart(
                        true,
                        "1 of 2 pods were created without the sysctl net.ipv4.ip_unprivileged_port_start, and their relays may"
                                + " not listen below port 1024: kubectl -n shop rollout restart deployment/web."));

        says = Optional.of("");
        assertThat(observe(List.of(web), List.of(web), before).restartNeeded())
                .get()
                .extracting(ObservedState.Restart::unserved)
                .isEqualTo(false);
    }

    @Test
    void aRelayThatIsTooOldForALinkKeepsTheLinkAsItWasAndIsReportedWithTheCommand() {
        Link waiting = REDIS.toBuilder()
                .whenUnavailable(WhenUnavailable.hold(Duration.ofSeconds(15)))
                .build();
        SidecarAmbassador ambassador = ambassador(waiting);
        Pod old = Serialization.unmarshal(INJECTED.formatted("web"), Pod.class);
        old.getMetadata().getAnnotations().put("ambassador.link/links", json(REDIS));
        Pod today = Serialization.unmarshal(INJECTED.formatted("api"), Pod.class);
        today.getMetadata().getAnnotations().put("ambassador.link/relay-features", "hold/1,later/7");

        ObservedState state = SidecarState.observe(
                ambassador,
                new SidecarState.Inputs(
                        List.of(ConsumerPod.of(old), ConsumerPod.of(today)),
                        pod -> Optional.of(new PodTableWriter.PodState(
                                made(ambassador, pod), acknowledged(made(ambassador, pod)))),
                        pod -> Optional.of(made(ambassador, pod)),
                        name -> Set.of(),
                        false),
                Optional.empty(),
                RECONCILE);

        assertThat(state.acceptance().isAccepted()).isTrue();
        assertThat(made(ambassador, ConsumerPod.of(old)).table().links()).containsExactly(REDIS);
        assertThat(made(ambassador, ConsumerPod.of(today)).table().links()).containsExactly(waiting);
        assertThat(state.relays())
                .extracting(relay -> relay.pod().name(), relay -> relay.sync().state())
                .containsExactly(tuple("api-7c9-x2x", SyncState.ACKNOWLEDGED), tuple("web-7c9-x2x", SyncState.TOO_OLD));
        assertThat(state.relays().get(1).sync().sentence())
                .isEqualTo("does not know hold/1, and serves port 6379 as before:"
                        + " kubectl -n shop rollout restart deployment/web.");
    }

    private static PodTable made(SidecarAmbassador ambassador, ConsumerPod pod) {
        return PodTable.of(pod.labels(), List.of(ambassador), pod.olderRelay(), PodTable.MOST_BYTES);
    }

    private static RelaySync acknowledged(PodTable table) {
        RelayStatus answer = answer(table.table().links(), "");
        return RelaySync.of(
                new RelayStatus("", table.table().revision(), Optional.empty(), answer.links()),
                table.table().revision().orElseThrow());
    }

    private static String json(Link link) {
        return new String(LinkTableWriter.write(LinkTable.of(List.of(link))), StandardCharsets.UTF_8);
    }

    @Test
    void aNameThatThePodsAuthorGaveAwayNeedsNoRestart() {
        assertThat(observe(
                                List.of(REDIS),
                                List.of(REDIS),
                                pod(INJECTED.formatted("web").replace("value: 'redis'", "value: ''")))
                        .ongoing())
                .isEmpty();
    }

    private ObservedState observe(List<Link> asked, List<Link> served, ConsumerPod... pods) {
        SidecarAmbassador ambassador = ambassador(asked.toArray(Link[]::new));
        PodTable table = new PodTable(LinkTable.of(served), List.of(), Optional.empty());
        return SidecarState.observe(
                ambassador,
                new SidecarState.Inputs(
                        List.of(pods),
                        pod -> says.map(
                                error -> new PodTableWriter.PodState(table, RelaySync.of(answer(served, error), ""))),
                        pod -> Optional.of(table),
                        name -> services.getOrDefault(name, Set.of()),
                        false),
                Optional.empty(),
                RECONCILE);
    }

    private static SidecarAmbassador ambassador(Link... links) {
        return new SidecarAmbassador(
                "shop",
                "redis",
                "uid",
                Instant.EPOCH,
                new PodSelector(Map.of("app", "web"), List.of()),
                new TableOutcome.Table(LinkTable.of(List.of(links))));
    }

    private static RelayStatus answer(List<Link> served, String error) {
        return new RelayStatus(
                "",
                Optional.of(""),
                Optional.empty(),
                served.stream()
                        .map(link -> new RelayStatus.LinkAnswer(
                                link.alias(), link.listen(), error.isEmpty(), error, List.of(), Optional.empty()))
                        .toList());
    }

    private static ConsumerPod injected(String owner) {
        return pod(INJECTED.formatted(owner));
    }

    private static ConsumerPod bare(String owner, String annotation, boolean hostNetwork) {
        return pod(BARE.formatted(owner, annotation, hostNetwork));
    }

    private static ConsumerPod pod(String yaml) {
        return ConsumerPod.of(Serialization.unmarshal(yaml, Pod.class));
    }

    private static ExposedPort tcp(int port) {
        return new ExposedPort(port, ExposedPort.TCP);
    }
}
