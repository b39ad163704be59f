package link.ambassador.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.api.v1alpha1.ConditionReason;
import link.ambassador.config.DownstreamTls;
import link.ambassador.config.Feature;
import link.ambassador.config.Link;
import link.ambassador.config.LinkTable;
import link.ambassador.config.SubjectAltName;
import link.ambassador.config.TlsVersion;
import link.ambassador.config.Trust;
import link.ambassador.config.UpstreamTls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DesiredTlsTest {
    private static final CaBundles BUNDLES = (namespace, name) -> CaCertificates.read(
            name,
            Optional.ofNullable(Map.of(
                            "shop/company-ca", CaCertificatesTest.pem("ca-a"),
                            "shop/cluster-a-ca", CaCertificatesTest.pem("ca-b"))
                    .get(namespace + "/" + name)));
    private static final Trust COMPANY = new Trust.Bundles(List.of(bundle("company-ca")));
    private static final String CA = "validation: {caCertificateRefs: [{name: company-ca}]}";

    @Test
    void everythingThatTheSpecSaysIsInTheTable() {
        Link link = link(
                """
                upstreamTLS:
                  mode: ClientAndServer
                  validation:
                    caCertificateRefs: [{group: "", kind: ConfigMap, name: company-ca}]
                    hostname: pg.example.com
                    subjectAltNames: [{type: URI, uri: "spiffe://corp/ns/db/sa/pg"}]
                  clientCertificateRef: {name: orders-db-client}
                  negotiation: PostgreSQL
                  minVersion: "1.3"
                downstreamTLS:
                  certificateRef: {name: orders-db-server}
                  clientValidation:
                    caCertificateRefs: [{name: cluster-a-ca}]
                    subjectAltNames: [{type: Hostname, hostname: orders-db.cluster-a}]
                  handshakeTimeout: 3s
                """);

        assertThat(link.upstreamTls())
                .contains(new UpstreamTls(
                        COMPANY,
                        Optional.of("pg.example.com"),
                        List.of(new SubjectAltName(SubjectAltName.Type.URI, "spiffe://corp/ns/db/sa/pg")),
                        Optional.of("orders-db-client"),
                        UpstreamTls.Negotiation.POSTGRESQL,
                        TlsVersion.TLS_1_3));
        assertThat(link.downstreamTls())
                .contains(new DownstreamTls(
                        "orders-db-server",
                        Optional.of(new Trust.Bundles(List.of(bundle("cluster-a-ca")))),
                        List.of(new SubjectAltName(SubjectAltName.Type.HOSTNAME, "orders-db.cluster-a")),
                        Duration.ofSeconds(3)));
        assertThat(link.features()).containsExactly(Feature.TLS);
        assertThat(link.credentials()).containsExactlyInAnyOrder("orders-db-client", "orders-db-server");
    }

    @Test
    void whatTheSpecLeavesOutHasTheDefaultsOfALink() {
        assertThat(link("upstreamTLS: {mode: ServerOnly, " + CA + "}").upstreamTls())
                .contains(new UpstreamTls(
                        COMPANY,
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        UpstreamTls.DEFAULT_NEGOTIATION,
                        UpstreamTls.DEFAULT_MIN_VERSION));
        assertThat(link("downstreamTLS: {certificateRef: {name: a}}").downstreamTls())
                .contains(new DownstreamTls("a", Optional.empty(), List.of(), DownstreamTls.DEFAULT_HANDSHAKE_TIMEOUT));
        assertThat(link("upstreamTLS: {mode: None}").features()).isEmpty();
    }

    /** What a newer version may mean by it is not what this one would do. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    upstreamTLS: {mode: Maybe, validation: {wellKnownCACertificates: System}} | upstreamTLS.mode is Maybe: it must be None, ServerOnly or ClientAndServer
                    upstreamTLS: {validation: {wellKnownCACertificates: System}} | upstreamTLS.mode is missing
                    upstreamTLS: {mode: ServerOnly} | upstreamTLS.validation is missing
                    upstreamTLS: {mode: ServerOnly, validation: {}} | must be exactly one of caCertificateRefs and wellKnownCACertificates
                    upstreamTLS: {mode: ServerOnly, validation: {wellKnownCACertificates: All}} | wellKnownCACertificates is All: it must be System
                    upstreamTLS: {mode: ClientAndServer, validation: {wellKnownCACertificates: System}} | clientCertificateRef is missing
                    upstreamTLS: {mode: ServerOnly, validation: {caCertificateRefs: [{kind: Secret, name: a}]}} | must be a ConfigMap
                    upstreamTLS: {mode: ServerOnly, validation: {caCertificateRefs: []}} | 1 to 4
                    upstreamTLS: {mode: ServerOnly, validation: {wellKnownCACertificates: System}, minVersion: '1.4'} | minVersion is 1.4: it must be 1.2 or 1.3
                    upstreamTLS: {mode: ServerOnly, validation: {wellKnownCACertificates: System}, negotiation: MySQL} | must be Direct or PostgreSQL
                    upstreamTLS: {mode: ServerOnly, validation: {wellKnownCACertificates: System, subjectAltNames: [{type: Email}]}} | must be URI or Hostname
                    upstreamTLS: {mode: ServerOnly, validation: {wellKnownCACertificates: System, hostname: '*.a'}} | a DNS name without a trailing dot
                    downstreamTLS: {} | downstreamTLS.certificateRef is missing
                    downstreamTLS: {certificateRef: {name: a}, clientValidation: {}} | caCertificateRefs is missing
                    """)
    void whatThisVersionDoesNotKnowIsRefusedAsAWhole(String tls, String sentence) {
        assertThat(DesiredTable.of(ambassador("    " + tls + "\n"), BUNDLES))
                .isInstanceOfSatisfying(TableOutcome.Refused.class, refused -> assertThat(refused.sentence())
                        .startsWith("spec.links[0]")
                        .contains(sentence));
    }

    @Test
    void anAddressWithoutANameIsRefused() {
        Ambassador ambassador = Serialization.unmarshal(
                Serialization.asYaml(ambassador("    upstreamTLS: {mode: ServerOnly, " + CA + "}\n"))
                        .replace("pg-a", "10.1.2.3"),
                Ambassador.class);

        assertThat(DesiredTable.of(ambassador, BUNDLES))
                .isInstanceOfSatisfying(TableOutcome.Refused.class, refused -> assertThat(refused.sentence())
                        .contains("10.1.2.3 has no name to check"));
    }

    @Test
    void aLinkWithoutItsAuthoritiesIsUnresolvedAndNeverPlain() {
        String tls = "    upstreamTLS: {mode: ServerOnly, validation: {caCertificateRefs: [{name: %s}]}}\n";
        TableOutcome.Table table = (TableOutcome.Table)
                DesiredTable.of(ambassador(tls.formatted("company-ca, namespace: x"), ""), BUNDLES);
        assertThat(table.table().links()).hasSize(2);

        table = (TableOutcome.Table) DesiredTable.of(ambassador(tls.formatted("gone"), ""), BUNDLES);

        assertThat(table.table().links()).extracting(Link::listen).containsExactly(5433);
        assertThat(table.unresolved())
                .extracting(UnresolvedLink::listen, UnresolvedLink::reason, UnresolvedLink::sentence)
                .containsExactly(tuple(
                        5432,
                        ConditionReason.INVALID_CA_CERTIFICATE_REF,
                        "Link 5432: ConfigMap gone does not exist or has no key ca.crt: it must have certificates in PEM"
                                + " there."));
    }

    @Test
    void anUnresolvedLinkKeepsItsLastGoodForm() {
        TableOutcome.Table broken = (TableOutcome.Table) DesiredTable.of(
                ambassador(
                        "    upstreamTLS: {mode: ServerOnly, validation: {caCertificateRefs: [{name: gone}]}}\n", ""),
                BUNDLES);
        LinkTable good = ((TableOutcome.Table)
                        DesiredTable.of(ambassador("    upstreamTLS: {mode: ServerOnly, " + CA + "}\n", ""), BUNDLES))
                .table();

        assertThat(broken.withLastGood(Optional.of(good)).links()).containsExactlyInAnyOrderElementsOf(good.links());
        assertThat(broken.withLastGood(Optional.empty()).links())
                .extracting(Link::listen)
                .containsExactly(5433);
    }

    @Test
    void oneCertificateMoreThanAPodCanHaveIsRefused() {
        String[] links = IntStream.range(0, 9)
                .mapToObj(i -> "    upstreamTLS: {mode: ClientAndServer, " + CA + ", clientCertificateRef: {name: c" + i
                        + "}}\n    downstreamTLS: {certificateRef: {name: s" + i + "}}\n")
                .toArray(String[]::new);

        assertThat(DesiredTable.of(ambassador(links), BUNDLES))
                .isInstanceOfSatisfying(TableOutcome.Refused.class, refused -> assertThat(refused.sentence())
                        .contains("18 certificates", "at most 16"));
        assertThat(DesiredTable.of(ambassador(List.of(links).subList(0, 8).toArray(String[]::new)), BUNDLES))
                .isInstanceOf(TableOutcome.Table.class);
    }

    @Test
    void theConfigMapsOfALinkAreThoseOfBothSides() {
        assertThat(CaBundles.namedBy(ambassador(
                        "    upstreamTLS: {mode: ServerOnly, " + CA
                                + "}\n    downstreamTLS: {certificateRef: {name: a},"
                                + " clientValidation: {caCertificateRefs: [{name: cluster-a-ca}]}}\n",
                        "")))
                .isEqualTo(Set.of("company-ca", "cluster-a-ca"));
    }

    private static Trust.Bundle bundle(String name) {
        return ((CaBundle.Known) BUNDLES.in("shop", name)).bundle();
    }

    private static Link link(String tls) {
        TableOutcome outcome = DesiredTable.of(ambassador(tls.strip().indent(4)), BUNDLES);
        return ((TableOutcome.Table) outcome).table().links().get(0);
    }

    /** With a link for each text, from port 5432 on. */
    private static Ambassador ambassador(String... tls) {
        String links = IntStream.range(0, tls.length)
                .mapToObj(i -> "  - listen: " + (5432 + i) + "\n    targets: [{host: pg-a, port: 5432}]\n" + tls[i])
                .collect(Collectors.joining());
        return Serialization.unmarshal(
                """
                apiVersion: ambassador.link/v1alpha1
                kind: Ambassador
                metadata: {namespace: shop, name: db, generation: 1}
                spec:
                  links:
                """
                        + links,
                Ambassador.class);
    }
}
