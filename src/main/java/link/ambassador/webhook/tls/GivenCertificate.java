package link.ambassador.webhook.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import link.ambassador.config.Printable;
import org.jboss.logging.Logger;

/**
 * Serves a certificate that somebody else makes and renews, such as cert-manager: {@code tls.crt} and {@code tls.key} in a folder, as the
 * kubelet mounts a Secret of the type {@code kubernetes.io/tls}. It reads them again all the time. The previous one stays while they are not
 * valid. It leaves {@code caBundle} alone.
 */
public final class GivenCertificate implements CertificateSource {
    public static final Duration READ_AGAIN = Duration.ofSeconds(10);

    private static final Logger LOG = Logger.getLogger(GivenCertificate.class);

    /** The size of the largest Secret. */
    private static final int MOST_BYTES = 1024 * 1024;

    private final Path folder;
    private final Set<String> names;
    private final Duration again;
    private final Consumer<ServerCertificate> serve;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread made = new Thread(work, "webhook-certificates");
        made.setDaemon(true);
        return made;
    });
    private ServerCertificate served;
    private String lastError = "";

    /**
     * A certificate that is not served before {@link #start}.
     *
     * @param names by which the API server may call the webhook
     * @param again how often to read the folder
     * @param serve makes this replica serve it. It is called on a thread of its own, and may block it
     */
    public GivenCertificate(Path folder, Set<String> names, Duration again, Consumer<ServerCertificate> serve) {
        this.folder = folder;
        this.names = Set.copyOf(names);
        this.again = again;
        this.serve = serve;
    }

    /**
     * The certificate that the folder has now.
     *
     * @throws IllegalArgumentException when it has no valid one, with what it has
     */
    public static ServerCertificate in(Path folder) {
        try {
            // The kubelet replaces both files at once, by a link to another folder.
            Path files = folder.resolve(Certificates.LEAF).toRealPath().getParent();
            return ServerCertificate.of(
                    text(files.resolve(Certificates.LEAF)), text(files.resolve(Certificates.LEAF_KEY)));
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("no file " + Path.of(e.getFile()).getFileName(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("files that cannot be read: " + e.getMessage(), e);
        }
    }

    private static String text(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            byte[] bytes = content.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IllegalArgumentException(file.getFileName() + " with more than 1 MiB");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    @Override
    public void start() {
        thread.scheduleWithFixedDelay(this::read, 0, again.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void stop() {
        thread.shutdownNow();
    }

    private void read() {
        try {
            ServerCertificate now = in(folder);
            if (!now.equals(served)) {
                serve.accept(now);
                served = now;
                LOG.infof("serving the certificate of %s until %s", folder, now.end());
                names.stream()
                        .filter(name -> !now.isFor(name))
                        .forEach(name -> LOG.warnf(
                                "the certificate of %s is not for %s: API servers will reject it", folder, name));
            }
            lastError = "";
        } catch (RuntimeException e) {
            String error = Printable.sentence(e);
            if (!thread.isShutdown() && !error.equals(lastError)) {
                lastError = error;
                LOG.warnf(
                        "%s has %s; retrying%s",
                        folder, error, served == null ? "" : ", and serving the previous certificate");
            }
        }
    }
}
