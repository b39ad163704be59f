package link.ambassador.webhook.serving;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import link.ambassador.config.BadSettingException;
import link.ambassador.config.Environment;
import link.ambassador.config.FreePort;
import link.ambassador.config.Printable;
import link.ambassador.config.RelayImage;
import link.ambassador.webhook.tls.ClientAuthority;
import link.ambassador.webhook.tls.GivenCertificate;

/**
 * The settings of the webhook, from environment variables.
 *
 * @param port the port that the API server calls
 * @param clientAuthority a file with the authorities of clients' certificates; empty to accept any client
 * @param certificate a folder with the certificate to serve; empty to make one
 * @param namespaces the namespaces whose pods get relays; empty for every namespace
 * @param relayImage the image of this very version, as the operator's own Deployment names it
 */
public record WebhookSettings(
        int port,
        Optional<Path> clientAuthority,
        Optional<Path> certificate,
        Set<String> namespaces,
        RelayImage relayImage) {
    static final String PORT = "AMBASSADOR_WEBHOOK_PORT";
    static final String CLIENT_CA = "AMBASSADOR_WEBHOOK_CLIENT_CA";

    static final String CERTIFICATE = "AMBASSADOR_WEBHOOK_CERTIFICATE";

    /** A setting of the operator, which checks it. */
    private static final String NAMESPACES = "AMBASSADOR_NAMESPACES";

    /** Every variable that {@link #read} reads. */
    static final List<String> VARIABLES = Stream.concat(
                    Stream.of(PORT, CLIENT_CA, CERTIFICATE, NAMESPACES), RelayImage.VARIABLES.stream())
            .toList();

    /**
     * The settings that {@code variables} give.
     *
     * @throws BadSettingException with a sentence about the first variable that is invalid
     */
    public static WebhookSettings read(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        return new WebhookSettings(
                environment.port(PORT, 8443),
                clientAuthority(environment.text(CLIENT_CA)),
                certificate(environment.text(CERTIFICATE)),
                environment.list(NAMESPACES),
                RelayImage.read(environment));
    }

    /**
     * Makes sure, before anything is started, that a webhook can serve by these settings.
     *
     * @throws BadSettingException with the sentence for the first variable that it could not serve by
     */
    public static void check(Map<String, String> variables) {
        FreePort.require(PORT, read(variables).port());
    }

    private static Optional<Path> clientAuthority(String file) {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path path = Path.of(file);
            new ClientAuthority(path);
            return Optional.of(path);
        } catch (IOException | GeneralSecurityException | InvalidPathException e) {
            throw new BadSettingException(CLIENT_CA, file, "a readable PEM file with certificates");
        }
    }

    private static Optional<Path> certificate(String folder) {
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path path = Path.of(folder);
            GivenCertificate.in(path);
            return Optional.of(path);
        } catch (IllegalArgumentException e) {
            throw new BadSettingException(
                    CERTIFICATE,
                    folder,
                    "a folder with tls.crt and tls.key, a certificate and its private key in PEM. It has "
                            + Printable.sentence(e));
        }
    }

    /** Whether pods of this namespace may get relays. */
    boolean isFor(String namespace) {
        return namespaces.isEmpty() || namespaces.contains(namespace);
    }
}
