package link.ambassador.webhook.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import link.ambassador.config.BadSettingException;
import link.ambassador.webhook.tls.GivenCertificate;
import link.ambassador.webhook.tls.GivenKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A webhook with a certificate that somebody else makes: real TLS, and a folder as the kubelet mounts a Secret. */
class GivenCertificateTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration OFTEN = Duration.ofMillis(20);

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private AdmissionServer server;
    private GivenCertificate given;

    @BeforeEach
    void open() {
        server = new AdmissionServer(
                vertx,
                0,
                Optional.empty(),
                new InjectionMeters(new SimpleMeterRegistry()),
                (body, deadline) -> Future.succeededFuture(Buffer.buffer("answered")));
        given = new GivenCertificate(folder, Set.of("127.0.0.1"), OFTEN, server::serve);
    }

    @AfterEach
    void close() {
        given.stop();
        server.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @ParameterizedTest
    @CsvSource({"EC, false", "EC, true", "RSA, false", "RSA, true", "Ed25519, false"})
    void aKeyOfEveryUsualKindIsServed(String kind, boolean traditional) throws Exception {
        GivenKeys keys = GivenKeys.of(kind);
        GivenKeys.mount(folder, keys.certificates(), traditional ? keys.traditional() : keys.pkcs8());

        start();

        assertThat(Handshake.chainAt(server.actualPort())).isEqualTo(keys.chain());
    }

    @Test
    void theAuthoritiesBetweenAreShownToo() throws Exception {
        GivenKeys keys = GivenKeys.signedByAnAuthority();
        GivenKeys.mount(folder, keys.certificates(), keys.pkcs8());

        start();

        assertThat(Handshake.chainAt(server.actualPort())).isEqualTo(keys.chain());
    }

    @Test
    void aRenewedCertificateIsServedToNewConnections() throws Exception {
        mount(GivenKeys.of("RSA"));
        start();
        GivenKeys renewed = GivenKeys.of("EC");

        mount(renewed);

        await().atMost(SOON).until(() -> Handshake.chainAt(server.actualPort()).equals(renewed.chain()));
    }

    @Test
    void filesThatDoNotBelongTogetherLeaveThePreviousCertificate() throws Exception {
        GivenKeys first = GivenKeys.of("EC");
        mount(first);
        start();
        GivenKeys next = GivenKeys.of("EC");
        GivenKeys.mount(folder, next.certificates(), first.pkcs8());
        assertThatThrownBy(() -> GivenCertificate.in(folder)).hasMessage("a private key that is not its certificate's");
        assertThat(Handshake.chainAt(server.actualPort())).isEqualTo(first.chain());

        mount(next);

        await().atMost(SOON).until(() -> Handshake.chainAt(server.actualPort()).equals(next.chain()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    certificate | nothing     | no file tls.key
                    nothing     | key         | no file tls.crt
                    certificate | text        | no private key
                    text        | key         | no certificate
                    certificate | certificate | no private key
                    certificate | other       | a private key that is not its certificate's
                    large       | key         | tls.crt with more than 1 MiB
                    """)
    void aSettingThatNamesNoCertificateIsASentence(String certificate, String key, String sentence) throws Exception {
        GivenKeys keys = GivenKeys.of("EC");
        Map<String, String> texts = Map.of(
                "certificate",
                keys.certificates(),
                "key",
                keys.pkcs8(),
                "other",
                GivenKeys.of("EC").pkcs8(),
                "text",
                "a text",
                "large",
                keys.certificates().repeat(4000));
        for (Map.Entry<String, String> file :
                Map.of("tls.crt", certificate, "tls.key", key).entrySet()) {
            if (texts.containsKey(file.getValue())) {
                Files.writeString(folder.resolve(file.getKey()), texts.get(file.getValue()));
            }
        }

        assertThatThrownBy(() -> WebhookSettings.read(Map.of(
                        "AMBASSADOR_RELAY_IMAGE",
                        "example.com/ambassador:1",
                        "AMBASSADOR_WEBHOOK_CERTIFICATE",
                        folder.toString())))
                .isInstanceOf(BadSettingException.class)
                .hasMessageStartingWith("AMBASSADOR_WEBHOOK_CERTIFICATE is '")
                .hasMessageEndingWith(
                        "it must be a folder with tls.crt and tls.key, a certificate and its private key in"
                                + " PEM. It has " + sentence);
    }

    private void mount(GivenKeys keys) throws Exception {
        GivenKeys.mount(folder, keys.certificates(), keys.pkcs8());
    }

    private void start() {
        given.start();
        await().atMost(SOON).until(server::isListening);
    }
}
