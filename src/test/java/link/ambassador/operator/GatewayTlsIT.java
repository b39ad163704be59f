package link.ambassador.operator;

import static link.ambassador.operator.GatewayNamespace.manifest;
import static link.ambassador.operator.GatewayNamespace.message;
import static link.ambassador.operator.GatewayNamespace.reason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import link.ambassador.ConcurrentTest;
import link.ambassador.api.v1alpha1.AmbassadorStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** Gateways whose links have TLS: certificates of authorities come from ConfigMaps, and Secrets reach the pods by the kubelet alone. */
@ExtendWith(GatewayTestExtension.class)
class GatewayTlsIT {
    private static final String SERVER_ONLY =
            "links: [{listen: 5432, targets: [{host: %s, port: 5432}], upstreamTLS: {mode: ServerOnly,"
                    + " validation: {caCertificateRefs: [{name: company-ca}]}}}]";
    private static final String PLAIN = "links: [{listen: 5432, targets: [{host: pg-a, port: 5432}]}]";

    private KubernetesClient kubernetes;
    private InProcessOperator operator;

    /** Of this namespace only: gateways take turns to roll, and one of another test may never end its turn. */
    @BeforeEach
    void operator(KubernetesClient client, GatewayNamespace namespace) {
        kubernetes = client;
        operator =
                InProcessOperator.start(client.getConfiguration(), Map.of("AMBASSADOR_NAMESPACES", namespace.name()));
    }

    @AfterEach
    void close() {
        operator.close();
    }

    @ConcurrentTest
    void theCertificatesOfAConfigMapTravelInTheTable(GatewayNamespace namespace) {
        configMap(namespace, "# ours\n" + pem("ca-a"));

        AmbassadorStatus status = namespace.applied(manifest("db", SERVER_ONLY.formatted("pg-a")));

        assertThat(reason(status, "ResolvedRefs")).isEqualTo("ResolvedRefs");
        assertThat(status.summary().target()).isEqualTo("pg-a:5432 (TLS)");
        assertThat(namespace.table("db"))
                .contains("\"requires\":[\"tls/1\"]", inTable("ca-a"))
                .doesNotContain("ours");
    }

    @ConcurrentTest
    void aChangeOfTheConfigMapIsAChangeOfTheTable(GatewayNamespace namespace) {
        configMap(namespace, pem("ca-a"));
        namespace.applied(manifest("db", SERVER_ONLY.formatted("pg-a")));

        configMap(namespace, pem("ca-b"));

        await().atMost(GatewayNamespace.SOON)
                .untilAsserted(() -> assertThat(namespace.table("db")).contains(inTable("ca-b")));
        assertThat(namespace.table("db")).doesNotContain(inTable("ca-a"));
    }

    @ConcurrentTest
    void aGatewayWaitsForItsConfigMapAndIsNeverPlain(GatewayNamespace namespace) {
        namespace.apply(manifest("db", SERVER_ONLY.formatted("pg-a")));

        AmbassadorStatus status = namespace.await("db", "ResolvedRefs", "InvalidCACertificateRef");
        assertThat(message(status, "ResolvedRefs"))
                .isEqualTo(
                        "Link 5432: ConfigMap company-ca does not exist or has no key ca.crt: it must have certificates"
                                + " in PEM there.");
        assertThat(reason(status, "Ready")).isEqualTo("RelaysNotReady");
        assertThat(reason(status, "Converged")).isEqualTo("RefsNotResolved");
        assertThat(namespace.objects("db")).isEmpty();

        configMap(namespace, pem("ca-a"));

        namespace.await("db", "ResolvedRefs", "ResolvedRefs");
        assertThat(namespace.table("db")).contains(inTable("ca-a"));
    }

    @ConcurrentTest
    void aLinkKeepsItsLastGoodFormWhileItsConfigMapIsBad(GatewayNamespace namespace) {
        configMap(namespace, pem("ca-a"));
        namespace.applied(manifest("db", SERVER_ONLY.formatted("pg-a")));
        String before = namespace.table("db");

        configMap(namespace, "no certificate");
        AmbassadorStatus status = namespace.await("db", "ResolvedRefs", "NoValidCACertificate");
        assertThat(message(status, "Converged")).contains("company-ca", "Relays serve the link as before.");
        // An edit of this link waits too.
        namespace.applied(manifest("db", SERVER_ONLY.formatted("pg-b")));
        assertThat(namespace.table("db")).isEqualTo(before);

        configMap(namespace, pem("ca-b"));
        await().atMost(GatewayNamespace.SOON)
                .untilAsserted(() -> assertThat(namespace.table("db")).contains("pg-b", inTable("ca-b")));
    }

    @ConcurrentTest
    void aSecretIsMountedAndNotRead(GatewayNamespace namespace) {
        namespace.applied(manifest("db", PLAIN));
        String plain = namespace.version(Deployment.class, "db-ambassador");

        namespace.applied(manifest(
                "db", PLAIN.replace("}]}]", "}], downstreamTLS: {certificateRef: {name: orders-db-server}}}]")));

        Deployment deployment = namespace.get(Deployment.class, "db-ambassador").orElseThrow();
        assertThat(deployment.getMetadata().getResourceVersion()).isNotEqualTo(plain);
        var pod = deployment.getSpec().getTemplate();
        assertThat(pod.getMetadata().getAnnotations()).containsEntry("ambassador.link/credentials", "orders-db-server");
        Volume volume = pod.getSpec().getVolumes().get(1);
        assertThat(volume.getName()).isEqualTo("ambassador-tls-orders-db-server");
        var secret = volume.getProjected().getSources().get(0).getSecret();
        assertThat(secret.getName()).isEqualTo("orders-db-server");
        assertThat(secret.getOptional()).isTrue();
        assertThat(secret.getItems()).extracting(item -> item.getKey()).containsExactly("tls.crt", "tls.key");
        assertThat(pod.getSpec().getContainers().get(0).getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .containsExactly("/etc/ambassador", "/var/run/ambassador/tls/orders-db-server");
        assertThat(namespace.table("db")).contains("\"certificate\":\"orders-db-server\"");

        // One that nothing names any more is worth no rollout.
        String mounted = deployment.getMetadata().getResourceVersion();
        namespace.applied(manifest("db", PLAIN));
        assertThat(namespace.version(Deployment.class, "db-ambassador")).isEqualTo(mounted);
        assertThat(namespace.table("db")).doesNotContain("orders-db-server");
    }

    @ConcurrentTest
    void aLinkStaysAsItWasUntilEveryPodHasItsCertificate(GatewayNamespace namespace, FakeKubelet kubelet) {
        namespace.applied(manifest("db", PLAIN));
        kubernetes
                .pods()
                .inNamespace(namespace.name())
                .withName(kubelet.run("db").name())
                .patch("{\"metadata\": {\"annotations\": {\"ambassador.link/relay-features\": \"tls/1\"}}}");
        namespace.await("db", "Converged", "Acknowledged");
        String before = namespace.table("db");

        namespace.apply(manifest(
                "db", PLAIN.replace("}]}]", "}], downstreamTLS: {certificateRef: {name: orders-db-server}}}]")));

        AmbassadorStatus status = namespace.await("db", "Converged", "CredentialNotMounted");
        assertThat(message(status, "Converged"))
                .contains(
                        "was created without the credential orders-db-server",
                        "serves port 5432 as before",
                        "the rollout of its Deployment replaces it");
        assertThat(namespace.table("db")).isEqualTo(before);
        assertThat(namespace
                        .get(Deployment.class, "db-ambassador")
                        .orElseThrow()
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getAnnotations())
                .containsKey("ambassador.link/credentials");
    }

    @ConcurrentTest
    void theServiceHasTheTypeAndTheAnnotationsOfTheSpec(GatewayNamespace namespace) {
        namespace.applied(manifest(
                "db",
                PLAIN,
                "placement: {gateway: {service: {type: LoadBalancer, loadBalancerClass: example.com/lb, annotations:"
                        + " {example.com/internal: 'true'}}}}"));
        Service service = namespace.get(Service.class, "db").orElseThrow();
        assertThat(service.getSpec().getType()).isEqualTo("LoadBalancer");
        assertThat(service.getSpec().getLoadBalancerClass()).isEqualTo("example.com/lb");
        assertThat(service.getMetadata().getAnnotations()).isEqualTo(Map.of("example.com/internal", "true"));
        String written = service.getMetadata().getResourceVersion();

        namespace.applied(manifest("db", PLAIN, "placement: {gateway: {service: {type: NodePort}}}"));
        service = namespace.get(Service.class, "db").orElseThrow();
        assertThat(service.getMetadata().getResourceVersion()).isNotEqualTo(written);
        assertThat(service.getSpec().getType()).isEqualTo("NodePort");
        assertThat(service.getSpec().getPorts())
                .allSatisfy(port -> assertThat(port.getNodePort()).isPositive());

        namespace.applied(manifest("db", PLAIN));
        service = namespace.get(Service.class, "db").orElseThrow();
        assertThat(service.getSpec().getType()).isEqualTo("ClusterIP");
        assertThat(service.getSpec().getPorts())
                .allSatisfy(port -> assertThat(port.getNodePort()).isNull());
    }

    private void configMap(GatewayNamespace namespace, String text) {
        kubernetes
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace.name())
                        .withName("company-ca")
                        .endMetadata()
                        .withData(Map.of("ca.crt", text))
                        .build())
                .serverSideApply();
    }

    private static String inTable(String name) {
        return List.of(pem(name).split("\n", -1)).get(3);
    }

    private static String pem(String name) {
        try {
            return Files.readString(Path.of("src/test/resources/tls/" + name + ".pem"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
