package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.Target;
import link.ambassador.config.Trust;
import link.ambassador.config.UpstreamTls;
import link.ambassador.model.PodTable.Why;
import org.junit.jupiter.api.Test;

/** Links with TLS in the tables of pods. */
class PodTlsTest {
    private static final Map<String, String> WEB = Map.of("app", "web");
    private static final String A = CaCertificatesTest.pem("ca-a");
    private static final String B = CaCertificatesTest.pem("ca-b");

    @Test
    void aLinkWhoseCertificateThePodLacksStaysAsItWas() {
        Link plain = Link.of("db", 5432, List.of(new Target("pg-a", 5432)));
        Link secure = withTls(plain, new Trust.Bundle("a", A), "orders-db-client");
        SidecarAmbassador ambassador = ambassador("db", 1, List.of(secure), List.of());

        PodTable lacking = table(Set.of(), Optional.of(LinkTable.of(List.of(plain))), ambassador);
        assertThat(lacking.table().links()).containsExactly(plain);
        assertThat(lacking.leftOut()).extracting(PodTable.LeftOut::why).containsExactly(Why.CREDENTIAL_MISSING);
        assertThat(table(Set.of("others"), Optional.empty(), ambassador).table().links())
                .isEmpty();

        PodTable having = table(Set.of("orders-db-client"), Optional.empty(), ambassador);
        assertThat(having.table().links()).containsExactly(secure);
        assertThat(having.leftOut()).isEmpty();
    }

    @Test
    void anUnresolvedLinkStaysAsThePodHasItAndKeepsItsPort() {
        Link had = withTls(Link.of("db", 5432, List.of(new Target("pg-a", 5432))), new Trust.Bundle("a", A), null);
        UnresolvedLink unresolved = new UnresolvedLink(
                "db", 5432, Set.of(), ConditionReason.INVALID_CA_CERTIFICATE_REF, "Link 5432: …", false);
        SidecarAmbassador broken = ambassador("db", 1, List.of(), List.of(unresolved));
        SidecarAmbassador younger =
                ambassador("other", 2, List.of(Link.of("other", 5432, List.of(new Target("x", 1)))), List.of());

        PodTable kept = table(Set.of(), Optional.of(LinkTable.of(List.of(had))), broken, younger);
        assertThat(kept.table().links()).containsExactly(had);
        assertThat(kept.leftOut())
                .extracting(PodTable.LeftOut::why, PodTable.LeftOut::holder)
                .containsExactly(tuple(Why.CONFLICT, Optional.of("db")));
        // A new pod has no earlier form, and the link in clear text is none.
        assertThat(table(Set.of(), Optional.empty(), broken, younger).table().links())
                .isEmpty();
    }

    @Test
    void linksOfTheSameAuthoritiesShareOneCopy() {
        PodTable made = table(
                Set.of(),
                Optional.empty(),
                ambassador("a", 1, List.of(link(1, new Trust.Bundle("a", A))), List.of()),
                ambassador("b", 2, List.of(link(2, new Trust.Bundle("a", A))), List.of()));

        assertThat(made.table().links()).hasSize(2);
        assertThat(made.json().split("BEGIN CERTIFICATE", -1)).hasSize(2);
    }

    @Test
    void authoritiesThatDoNotFitIntoATableLeaveTheNewestLinkOut() {
        String half = A.repeat(Trust.Bundle.MAX_PEM_LENGTH / 2 / A.length());
        SidecarAmbassador first = ambassador("a", 1, List.of(link(1, new Trust.Bundle("half", half))), List.of());
        SidecarAmbassador second = ambassador("b", 2, List.of(link(2, new Trust.Bundle("rest", half))), List.of());
        SidecarAmbassador third = ambassador("c", 3, List.of(link(3, new Trust.Bundle("more", half + B))), List.of());

        PodTable made = table(Set.of(), Optional.empty(), first, second, third);

        assertThat(made.table().links()).extracting(Link::listen).containsExactly(1, 2);
        assertThat(made.leftOut())
                .extracting(left -> left.by().name(), PodTable.LeftOut::why)
                .containsExactly(tuple("c", Why.TABLE_TOO_LARGE));
        assertThat(made.json().length()).isLessThanOrEqualTo(PodTable.MOST_BYTES);
    }

    /** Whoever can change a pod can write any table into its annotation. */
    @Test
    void aBundleThatSomebodyWroteUnderAnotherOnesNameHarmsNothingElse() {
        Link forged = link(7, new Trust.Bundle("a", B));
        SidecarAmbassador newer = new SidecarAmbassador(
                "shop",
                "newer",
                "uid-newer",
                Instant.EPOCH,
                selector(),
                new TableOutcome.Refused("it was written for a newer version"));

        PodTable made = table(
                Set.of(),
                Optional.of(LinkTable.of(List.of(forged))),
                newer,
                ambassador("a", 1, List.of(link(1, new Trust.Bundle("a", A))), List.of()));

        assertThat(made.table().links()).containsExactly(forged);
        assertThat(made.leftOut()).extracting(PodTable.LeftOut::why).containsExactly(Why.TABLE_TOO_LARGE);
    }

    private static Link link(int port, Trust.Bundle bundle) {
        return withTls(Link.of("x" + port, port, List.of(new Target("pg-a", 5432))), bundle, null);
    }

    private static Link withTls(Link link, Trust.Bundle bundle, String certificate) {
        return link.toBuilder()
                .upstreamTls(Optional.of(new UpstreamTls(
                        new Trust.Bundles(List.of(bundle)),
                        Optional.empty(),
                        List.of(),
                        Optional.ofNullable(certificate),
                        UpstreamTls.DEFAULT_NEGOTIATION,
                        UpstreamTls.DEFAULT_MIN_VERSION)))
                .build();
    }

    private static PodTable table(
            Set<String> credentials, Optional<LinkTable> current, SidecarAmbassador... ambassadors) {
        return PodTable.of(
                WEB,
                List.of(ambassadors),
                new OlderRelay(EnumSet.allOf(Feature.class), credentials, current),
                PodTable.MOST_BYTES);
    }

    private static SidecarAmbassador ambassador(
            String name, int age, List<Link> links, List<UnresolvedLink> unresolved) {
        return new SidecarAmbassador(
                "shop",
                name,
                "uid-" + name,
                Instant.ofEpochSecond(age),
                selector(),
                new TableOutcome.Table(LinkTable.of(links), unresolved, List.of(), Optional.empty()));
    }

    private static PodSelector selector() {
        return PodSelector.of(new LabelSelectorBuilder().withMatchLabels(WEB).build());
    }
}
