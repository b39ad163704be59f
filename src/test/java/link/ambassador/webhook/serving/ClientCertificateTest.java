package link.ambassador.webhook.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import link.ambassador.config.BadSettingException;
import link.ambassador.webhook.SelfSignedKeys;
import link.ambassador.webhook.tls.ClientAuthority;
import link.ambassador.webhook.tls.TestCertificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which clients may call a webhook that demands certificates: real TLS, with keys that keytool made. */
class ClientCertificateTest {
    @TempDir
    private Path directory;

    private final Vertx vertx = Vertx.vertx();
    private Path authorities;
    private ClientAuthority clients;
    private AdmissionServer server;

    @BeforeEach
    void serve() throws Exception {
        authorities = directory.resolve("clients.pem");
        Files.writeString(authorities, keys("api-server").certificate());
        clients = new ClientAuthority(authorities);
        server = new AdmissionServer(
                vertx,
                0,
                Optional.of(clients),
                new InjectionMeters(new SimpleMeterRegistry()),
                (body, deadline) -> Future.succeededFuture(Buffer.buffer("answered")));
        server.serve(TestCertificates.of("127.0.0.1", Clock.systemUTC().instant()));
    }

    @AfterEach
    void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void whoShowsACertificateOfTheFileGetsAnAnswer() throws Exception {
        assertThat(ask(Optional.of(keys("api-server")))).isEqualTo("answered");
    }

    @Test
    void whoShowsNoneGetsNone() {
        assertThatThrownBy(() -> ask(Optional.empty())).isInstanceOf(IOException.class);
    }

    @Test
    void whoShowsAnotherGetsNone() throws Exception {
        SelfSignedKeys other = keys("somebody");

        assertThatThrownBy(() -> ask(Optional.of(other))).isInstanceOf(IOException.class);
    }

    @Test
    void aFileThatIsReplacedCountsWhenItIsRead() throws Exception {
        SelfSignedKeys next = keys("next");
        Path replaced = Files.writeString(directory.resolve("new.pem"), next.certificate());
        Files.move(replaced, authorities, StandardCopyOption.REPLACE_EXISTING);

        clients.read();

        assertThat(ask(Optional.of(next))).isEqualTo("answered");
        assertThatThrownBy(() -> ask(Optional.of(keys("api-server")))).isInstanceOf(IOException.class);
    }

    @Test
    void aFileThatIsSpoiltChangesNothing() throws Exception {
        Files.writeString(authorities, "no certificate");

        clients.read();

        assertThat(ask(Optional.of(keys("api-server")))).isEqualTo("answered");
    }

    @Test
    void aSettingThatNamesNoCertificateIsASentence() {
        assertThatThrownBy(() -> WebhookSettings.read(Map.of(
                        "AMBASSADOR_RELAY_IMAGE",
                        "example.com/ambassador:1",
                        "AMBASSADOR_WEBHOOK_CLIENT_CA",
                        directory.resolve("none").toString())))
                .isInstanceOf(BadSettingException.class)
                .hasMessageEndingWith("it must be a readable PEM file with certificates");
    }

    private String ask(Optional<SelfSignedKeys> keys) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys.map(SelfSignedKeys::store).orElse(null), SelfSignedKeys.PASSWORD.toCharArray());
        context.init(managers.getKeyManagers(), new TrustManager[] {Handshake.anybody()}, null);
        return HttpClient.newBuilder()
                .sslContext(context)
                .connectTimeout(Duration.ofSeconds(30))
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.actualPort() + "/inject"))
                                .timeout(Duration.ofSeconds(30))
                                .POST(BodyPublishers.ofString("{}"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }

    /** Those of this name, which are made once. */
    private SelfSignedKeys keys(String name) throws Exception {
        return SelfSignedKeys.of(name, directory);
    }
}
