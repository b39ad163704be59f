package link.ambassador.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Path;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One manifest is edited and applied again and again, as people do, by either way that kubectl applies. */
@ExtendWith(ApiServer.class)
class AmbassadorApplyIT {
    private static final LinkSpec REDIS = LinkSpecs.stored(6379, new TargetSpec("redis-a", 6379));
    private static final RetargetSpec DRAIN = new RetargetSpec("Drain", "30s", null, null);
    private static final RetargetSpec KEEP = new RetargetSpec("Keep", "30s", null, null);
    private static final PlacementSpec GATEWAY = new PlacementSpec(new GatewayPlacement(null, null, null), null);

    private enum Way {
        CLIENT_SIDE,
        SERVER_SIDE
    }

    @TempDir
    Path directory;

    private KubernetesClient kubernetes;
    private Kubectl kubectl;
    private String namespace;

    @BeforeEach
    void namespace(KubernetesClient kubernetes) throws IOException, InterruptedException {
        this.kubernetes = kubernetes;
        AmbassadorCrds.install(kubernetes);
        namespace = Namespaces.create(kubernetes, "ambassador-apply-it");
        kubectl = new Kubectl(kubernetes, namespace, directory);
    }

    /** Operators of other tests look into every namespace. */
    @AfterEach
    void leaveNothing() {
        kubernetes.resources(Ambassador.class).inNamespace(namespace).delete();
    }

    @ParameterizedTest
    @EnumSource
    void editsOfAGatewayAreWhatTheySay(Way way) throws Exception {
        String links =
                """
                spec:
                  links:
                  - listen: 6379
                    targets: [{host: redis-a, port: 6379}]
                """;
        String second = "  - {listen: 26379, targets: [{host: redis-b, port: 26379}]}\n";
        String drain = "  retarget: {existingConnections: Drain, drainTimeout: 30s}\n";
        String keep = drain.replace("Drain,", "Keep,");
        LinkSpec sentinel = LinkSpecs.stored(26379, new TargetSpec("redis-b", 26379));

        assertThat(applied(way, links + drain)).isEqualTo(new AmbassadorSpec(List.of(REDIS), DRAIN, null, null));
        assertThat(applied(way, links + keep)).isEqualTo(new AmbassadorSpec(List.of(REDIS), KEEP, null, null));
        assertThat(applied(way, links + second + keep))
                .isEqualTo(new AmbassadorSpec(List.of(REDIS, sentinel), KEEP, null, null));
        assertThat(applied(way, links + second + keep + "  placement: {gateway: {}}\n"))
                .isEqualTo(new AmbassadorSpec(List.of(REDIS, sentinel), KEEP, null, GATEWAY));
        assertThat(applied(way, links + keep)).isEqualTo(new AmbassadorSpec(List.of(REDIS), KEEP, null, null));
        assertThat(applied(way, links)).isEqualTo(new AmbassadorSpec(List.of(REDIS), DRAIN, null, null));
    }

    /** So that tools that deploy do not take it for one that is as it should be. */
    @Test
    void aNewAmbassadorIsOfNoObservedGeneration() throws Exception {
        String manifest =
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {name: redis}
                spec: {links: [{listen: 6379, targets: [{host: redis-a, port: 6379}]}]}
                """;

        assertThat(kubectl.run(manifest, "create", "--dry-run=server", "-f", "-", "-o=jsonpath={.status}")
                        .succeeded()
                        .output())
                .isEqualTo("{\"observedGeneration\":-1}");
    }

    @ParameterizedTest
    @EnumSource
    void theSameManifestTwiceChangesNothing(Way way) throws Exception {
        String spec = "spec: {links: [{listen: 6379, targets: [{host: redis-a, port: 6379}]}]}\n";
        applied(way, spec);
        // Without an operator, the second one stores the status that the definition gives to a new object.
        applied(way, spec);
        String before = stored().getMetadata().getResourceVersion();

        applied(way, spec);

        assertThat(stored().getMetadata().getResourceVersion()).isEqualTo(before);
        assertThat(stored().getMetadata().getGeneration()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void aLinkIsKnownByItsPortSoAnotherPortIsAnotherLink(Way way) throws Exception {
        String spec = "spec: {links: [{listen: 6379, maxConnections: 9, targets: [{host: redis-a, port: 6379}]}]}\n";
        applied(way, spec);

        AmbassadorSpec moved =
                applied(way, "spec: {links: [{listen: 6380, targets: [{host: redis-a, port: 6379}]}]}\n");

        assertThat(moved.links()).containsExactly(LinkSpecs.stored(6380, new TargetSpec("redis-a", 6379)));
    }

    @Test
    void twoWhoApplyOnTheServerSideKeepTheLinksOfEachOther() throws Exception {
        String links = "spec: {links: [{listen: %s, targets: [{host: redis-a, port: 6379}]}]}\n";
        applied(Way.SERVER_SIDE, links.formatted(6379));

        Ambassador others = new Ambassador();
        others.getMetadata().setName("redis");
        others.setSpec(new AmbassadorSpec(
                List.of(LinkSpecs.plain(
                        null, 26379, null, List.of(new TargetSpec("redis-b", 26379)), null, null, null, null)),
                null,
                null,
                null));
        kubernetes
                .resource(others)
                .inNamespace(namespace)
                .fieldManager("others")
                .serverSideApply();
        AmbassadorSpec moved = applied(Way.SERVER_SIDE, links.formatted(6380));

        assertThat(moved.links()).extracting(LinkSpec::listen).containsExactlyInAnyOrder(26379, 6380);
    }

    @ParameterizedTest
    @EnumSource
    void thePlacementCannotChangeAndTheRefusalSaysHowToMove(Way way) throws Exception {
        String links = "spec:\n  links: [{listen: 6379, targets: [{host: redis-a, port: 6379}]}]\n";
        String sidecar = "  placement: {sidecar: {selector: {matchLabels: {app: web}}}}\n";
        applied(way, links);
        assertThat(refused(way, links + sidecar))
                .contains("spec.placement", "cannot change", "create a second Ambassador");
        assertThat(stored().getSpec().placement()).isNull();

        kubernetes.resource(stored()).delete();
        applied(way, links + sidecar);
        applied(way, links + sidecar.replace("app: web", "app: worker"));
        assertThat(refused(way, links)).contains("cannot change");
        assertThat(refused(way, links + "  placement: {gateway: {}}\n")).contains("cannot change");
    }

    private AmbassadorSpec applied(Way way, String spec) throws Exception {
        Kubectl.Result result = apply(way, spec);
        assertThat(result.status()).as(result.output()).isZero();
        return stored().getSpec();
    }

    private String refused(Way way, String spec) throws Exception {
        Kubectl.Result result = apply(way, spec);
        assertThat(result.status()).as(result.output()).isNotZero();
        return result.output();
    }

    private Kubectl.Result apply(Way way, String spec) throws Exception {
        return kubectl.run(
                "apiVersion: ambassador.link/v1alpha1\nkind: Ambassador\nmetadata: {name: redis}\n" + spec,
                "apply",
                "--server-side=" + (way == Way.SERVER_SIDE),
                "-f",
                "-");
    }

    private Ambassador stored() {
        return kubernetes
                .resources(Ambassador.class)
                .inNamespace(namespace)
                .withName("redis")
                .get();
    }
}
