package link.ambassador.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.AmbassadorSpec;
import link.ambassador.api.v1alpha1.GatewayPlacement;
import link.ambassador.api.v1alpha1.LinkSpec;
import link.ambassador.api.v1alpha1.LinkSpecs;
import link.ambassador.api.v1alpha1.PlacementSpec;
import link.ambassador.api.v1alpha1.RetargetSpec;
import link.ambassador.api.v1alpha1.TargetSpec;
import link.ambassador.config.LinkTable;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Small ranges, so that equal ones are drawn as well as different ones. */
class DesiredPropertiesTest {
    @Property(tries = 500)
    void theRevisionMovesExactlyWhenTheLinksDo(
            @ForAll("ambassadors") Ambassador one, @ForAll("ambassadors") Ambassador another) {
        LinkTable first = GatewayCase.table(one);
        LinkTable second = GatewayCase.table(another);

        assertThat(first.revision().equals(second.revision()))
                .isEqualTo(first.links().equals(second.links()));
    }

    @Property(tries = 200)
    void noEditOfLinksReachesTheDeployment(
            @ForAll("ambassadors") Ambassador one, @ForAll("ambassadors") Ambassador another) {
        AmbassadorSpec edited = new AmbassadorSpec(
                another.getSpec().links(),
                another.getSpec().retarget(),
                another.getSpec().hold(),
                one.getSpec().placement());
        GatewayObjects before = GatewayCase.objects(one);

        one.setSpec(edited);

        GatewayObjects after = GatewayCase.objects(one);
        assertThat(after.deployment()).isEqualTo(before.deployment());
        assertThat(after.disruptionBudget()).isEqualTo(before.disruptionBudget());
    }

    @Provide
    Arbitrary<Ambassador> ambassadors() {
        Arbitrary<TargetSpec> target = Combinators.combine(Arbitraries.of("a", "b"), Arbitraries.of(1, 2))
                .as(TargetSpec::new);
        Arbitrary<String> duration = Arbitraries.of("5s", "5000ms", "1m").injectNull(0.3);
        Arbitrary<LinkSpec> link = Combinators.combine(
                        Arbitraries.of("x", "y").injectNull(0.5),
                        Arbitraries.of(80, 443),
                        target.list().ofMinSize(1).ofMaxSize(2),
                        duration,
                        duration,
                        duration,
                        Arbitraries.of(1, 2).injectNull(0.5))
                .as((alias, listen, targets, connect, idle, halfClose, most) ->
                        LinkSpecs.plain(alias, listen, "TCP", targets, connect, idle, halfClose, most));
        Arbitrary<List<LinkSpec>> links = link.list().ofMinSize(1).ofMaxSize(2).uniqueElements(LinkSpec::listen);
        Arbitrary<RetargetSpec> retarget = Combinators.combine(
                        Arbitraries.of("Keep", "Drain").injectNull(0.3), duration)
                .as((policy, drainTimeout) -> new RetargetSpec(policy, drainTimeout, null, null))
                .injectNull(0.3);
        Arbitrary<PlacementSpec> placement = Arbitraries.of(1, 2)
                .injectNull(0.3)
                .map(replicas -> new PlacementSpec(new GatewayPlacement(replicas, null, null), null))
                .injectNull(0.3);
        return Combinators.combine(
                        links, retarget, placement, Arbitraries.longs().between(1, 3))
                .as((asked, policy, where, generation) -> {
                    Ambassador ambassador = GatewayCase.named("smallest").ambassador();
                    ambassador.getMetadata().setGeneration(generation);
                    ambassador.setSpec(new AmbassadorSpec(asked, policy, null, where));
                    return ambassador;
                });
    }
}
