package link.ambassador.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Locale;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.kubernetes.ApiServer;
import link.ambassador.kubernetes.Namespaces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real API server makes of the objects. */
@ExtendWith(ApiServer.class)
class GatewayObjectsIT {
    private static final String MANAGER = "ambassador-operator";

    private final KubernetesClient kubernetes;

    GatewayObjectsIT(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    @ParameterizedTest
    @MethodSource("link.ambassador.operator.gateway.GatewayCase#all")
    void toApplyThemAgainChangesNothing(GatewayCase gateway) {
        Ambassador ambassador = in("apply-" + gateway, gateway);

        for (HasMetadata object : GatewayCase.objects(ambassador).all()) {
            create(object);
            HasMetadata applied = apply(object);
            HasMetadata again = apply(object);

            assertThat(again.getMetadata().getResourceVersion())
                    .as(object.getKind())
                    .isEqualTo(applied.getMetadata().getResourceVersion());
        }
    }

    /** By POST, so that nothing of that name is taken over, and then as if it had been applied. */
    private HasMetadata create(HasMetadata object) {
        HasMetadata created = kubernetes.resource(object).create();
        String creator = created.getMetadata().getManagedFields().get(0).getManager();
        String patch = ManagedFields.asApplied(created, creator, MANAGER).orElseThrow();
        HasMetadata turned = kubernetes.resource(created).patch(PatchContext.of(PatchType.JSON), patch);
        assertThat(ManagedFields.asApplied(turned, creator, MANAGER)).isEmpty();
        return turned;
    }

    private HasMetadata apply(HasMetadata object) {
        return kubernetes
                .resource(object)
                .fieldManager(MANAGER)
                .forceConflicts()
                .serverSideApply();
    }

    @Test
    void aPortThatIsNoLongerListenedOnLeavesTheService() {
        Ambassador ambassador = in("port-goes", GatewayCase.named("smallest"));
        GatewayObjects objects = GatewayCase.objects(ambassador);
        create(objects.service());
        LinkTable other = LinkTable.of(List.of(Link.of("web", 80, List.of(new Target("web", 80)))));

        apply(GatewayObjects.of(ambassador, other, List.of(), GatewayCase.RELAY_IMAGE, GatewaySurroundings.NONE)
                .service());

        assertThat(kubernetes.resource(objects.service()).get().getSpec().getPorts())
                .extracting(ServicePort::getPort)
                .containsExactly(80);
    }

    /** PodSecurity is checked when a pod is created: a Deployment whose pods are refused is accepted all the same. */
    @ParameterizedTest
    @MethodSource("link.ambassador.operator.gateway.GatewayCase#all")
    void itsPodsAreAdmittedWhereSecurityIsRestricted(GatewayCase gateway) {
        Ambassador ambassador = in("pods-" + gateway, gateway);
        var template = GatewayCase.objects(ambassador).deployment().getSpec().getTemplate();
        var pod = new PodBuilder()
                .withMetadata(template.getMetadata())
                .editMetadata()
                .withNamespace(ambassador.getMetadata().getNamespace())
                .withName("relay")
                .endMetadata()
                .withSpec(template.getSpec())
                .build();

        var admitted = kubernetes.resource(pod).dryRun().create();

        assertThat(admitted.getSpec().getVolumes())
                .extracting(volume -> volume.getName())
                .containsExactly("links");
    }

    /** The Ambassador of {@code gateway}, in a new namespace that asks for restricted pods. */
    private Ambassador in(String namespace, GatewayCase gateway) {
        String name = "gateway-objects-it-" + namespace.toLowerCase(Locale.ROOT);
        Namespaces.apply(kubernetes, name, Namespaces.enforcing("restricted"));
        Ambassador ambassador = gateway.ambassador();
        ambassador.getMetadata().setNamespace(name);
        return ambassador;
    }
}
