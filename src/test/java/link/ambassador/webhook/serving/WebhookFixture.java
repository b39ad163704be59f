package link.ambassador.webhook.serving;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.MutatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.WebhookClientConfig;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import link.ambassador.api.v1alpha1.Ambassador;
import link.ambassador.config.Annotations;
import link.ambassador.config.Labels;
import link.ambassador.config.RelayImage;
import link.ambassador.kubernetes.AmbassadorCrds;
import link.ambassador.kubernetes.Namespaces;
import link.ambassador.model.CaBundles;
import link.ambassador.operator.sidecar.AmbassadorCache;
import link.ambassador.operator.sidecar.ServiceCache;
import link.ambassador.relay.LoopbackPort;
import link.ambassador.webhook.tls.CertificateRotation;
import link.ambassador.webhook.tls.CertificateTimes;

/**
 * A namespace whose pods a real API server asks this process about: by the installed MutatingWebhookConfiguration, but for the
 * address, which no Service leads to here, and for the namespaces, of which it is this one.
 */
final class WebhookFixture implements AutoCloseable {
    static final Path CONFIGURATION = Path.of("kubernetes/install/operator/webhook.yaml");
    static final String SECRET = "ambassador-webhook-tls";

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final KubernetesClient kubernetes;
    private final Optional<Path> clientAuthority;
    private final Optional<Path> certificate;
    private final String namespace;
    private final String configuration;
    private final int port;
    private final List<Replica> replicas = new ArrayList<>();

    /** One operator's webhook, in this process. */
    static final class Replica implements AutoCloseable {
        final Vertx vertx = Vertx.vertx();
        final SimpleMeterRegistry meters = new SimpleMeterRegistry();
        final AmbassadorCache cache;
        final ServiceCache services;
        final Webhook webhook;
        private boolean closed;

        private Replica(KubernetesClient kubernetes, WebhookFixture scene, int port, CertificateTimes times) {
            cache = new AmbassadorCache(kubernetes, Set.of(), CaBundles.NONE);
            services = new ServiceCache(kubernetes, Set.of());
            webhook = new Webhook(
                    vertx,
                    kubernetes,
                    meters,
                    new WebhookSettings(
                            port,
                            scene.clientAuthority,
                            scene.certificate,
                            Set.of(),
                            RelayImage.named("example.com/ambassador:test")),
                    new Webhook.Caches(cache, services, new NamespaceLimits(kubernetes, Set.of()), CaBundles.NONE),
                    new CertificateRotation.Place(scene.namespace, SECRET, scene.configuration, Set.of("127.0.0.1")),
                    times);
            cache.start();
            services.start();
            webhook.start();
        }

        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            webhook.stop().toCompletionStage().toCompletableFuture().join();
            cache.stop();
            services.stop();
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    WebhookFixture(KubernetesClient kubernetes) throws IOException {
        this(kubernetes, Optional.empty(), Optional.empty());
    }

    /** The arguments as {@link WebhookSettings} has them. */
    WebhookFixture(KubernetesClient kubernetes, Optional<Path> clientAuthority, Optional<Path> certificate)
            throws IOException {
        this.kubernetes = kubernetes;
        this.clientAuthority = clientAuthority;
        this.certificate = certificate;
        AmbassadorCrds.install(kubernetes);
        namespace = Namespaces.create(kubernetes, "webhook-it");
        configuration = "webhook-it-" + COUNT.incrementAndGet();
        port = LoopbackPort.free();
        kubernetes.resource(configuration()).create();
    }

    /** The installed one, of this namespace and address. */
    private MutatingWebhookConfiguration configuration() throws IOException {
        String installed = Files.readString(CONFIGURATION).split("(?m)^---$", 2)[0];
        var made = Serialization.unmarshal(installed, MutatingWebhookConfiguration.class);
        made.getMetadata().setName(configuration);
        for (MutatingWebhook entry : made.getWebhooks()) {
            entry.setClientConfig(new WebhookClientConfig(null, null, "https://127.0.0.1:" + port + "/inject"));
            var requirements = new ArrayList<>(entry.getNamespaceSelector().getMatchExpressions());
            requirements.add(new LabelSelectorRequirement("kubernetes.io/metadata.name", "In", List.of(namespace)));
            entry.getNamespaceSelector().setMatchExpressions(requirements);
        }
        return made;
    }

    String namespace() {
        return namespace;
    }

    String configurationName() {
        return configuration;
    }

    int port() {
        return port;
    }

    /** One that the API server calls; it does so when this returns. */
    Replica serving(CertificateTimes times) {
        Replica replica = start(port, times);
        awaitReady(replica);
        await("the API server calls it").atMost(SOON).until(() -> isInjected(dryRun(Map.of(Labels.INJECT, "true"))));
        return replica;
    }

    Replica serving() {
        return serving(CertificateTimes.DEFAULT);
    }

    /** A replica that the API server does not call before it trusts its certificates. */
    Replica start(int atPort, CertificateTimes times) {
        Replica replica = new Replica(kubernetes, this, atPort, times);
        replicas.add(replica);
        return replica;
    }

    static void awaitReady(Replica replica) {
        await("a replica that is ready").atMost(SOON).until(replica.webhook::isReady);
    }

    Pod dryRun(Map<String, String> labels) {
        return kubernetes.resource(pod(labels)).inNamespace(namespace).dryRun().create();
    }

    Pod create(Map<String, String> labels) {
        return kubernetes.resource(pod(labels)).inNamespace(namespace).create();
    }

    static Pod pod(Map<String, String> labels) {
        return new PodBuilder()
                .withNewMetadata()
                .withGenerateName("pod-")
                .withLabels(new HashMap<>(labels))
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("app")
                .withImage("example.com/app")
                .endContainer()
                .endSpec()
                .build();
    }

    static boolean isInjected(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getAnnotations())
                .orElse(Map.of())
                .containsKey(Annotations.INJECTED);
    }

    void ambassador(String name, String app) {
        kubernetes
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: ambassador.link/v1alpha1
                        kind: Ambassador
                        metadata: {name: %s}
                        spec:
                          links: [{listen: 6379, targets: [{host: redis-a, port: 6379}]}]
                          placement: {sidecar: {selector: {matchLabels: {app: %s}}}}
                        """
                                .formatted(name, app),
                        Ambassador.class))
                .inNamespace(namespace)
                .create();
    }

    /** Whether the bundle of every entry has the authority of {@code leaf}. */
    boolean trusts(X509Certificate leaf) {
        return stored().getWebhooks().stream().allMatch(entry -> {
            byte[] bundle = Base64.getDecoder().decode(entry.getClientConfig().getCaBundle());
            try {
                return CertificateFactory.getInstance("X.509")
                        .generateCertificates(new ByteArrayInputStream(bundle))
                        .stream()
                        .map(X509Certificate.class::cast)
                        .anyMatch(
                                authority -> authority.getSubjectX500Principal().equals(leaf.getIssuerX500Principal()));
            } catch (CertificateException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** Writes an authority into every entry, as cert-manager's cainjector does. */
    void trust(X509Certificate authority) throws CertificateException {
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(authority.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        String bundle = Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
        kubernetes
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(configuration)
                .edit(stored -> {
                    stored.getWebhooks()
                            .forEach(entry -> entry.getClientConfig().setCaBundle(bundle));
                    return stored;
                });
    }

    MutatingWebhookConfiguration stored() {
        return kubernetes
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(configuration)
                .get();
    }

    @Override
    public void close() {
        kubernetes
                .admissionRegistration()
                .v1()
                .mutatingWebhookConfigurations()
                .withName(configuration)
                .delete();
        replicas.forEach(Replica::close);
        kubernetes.resources(Ambassador.class).inNamespace(namespace).delete();
    }
}
