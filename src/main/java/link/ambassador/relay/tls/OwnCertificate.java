package link.ambassador.relay.tls;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A certificate that the relay shows, as its files have it. The files may come later than the relay, and change. When they have become
 * bad, the last good certificate stays. On the event loop, unless said otherwise.
 */
final class OwnCertificate {
    private static final Logger LOG = Logger.getLogger(OwnCertificate.class.getName());

    /** What a read of the files came to. */
    private record Found(KeyedCertificate.Pem pem, KeyedCertificate certificate, String error) {}

    private final RelayTls tls;
    private final String name;
    private final Path directory;
    private final Vertx vertx;
    private final List<Runnable> changed = new ArrayList<>();
    private KeyedCertificate certificate;
    private KeyedCertificate.Pem pem;
    private String error = "";
    private boolean checking;

    OwnCertificate(RelayTls tls, String name, Path directory, Vertx vertx) {
        this.tls = tls;
        this.name = name;
        this.directory = directory;
        this.vertx = vertx;
    }

    String name() {
        return name;
    }

    /** The last good one; null before the first. */
    KeyedCertificate certificate() {
        return certificate;
    }

    /** Why the files are not what the relay shows; empty if they are. */
    String error() {
        return error;
    }

    CertificateState state() {
        Optional<KeyedCertificate> shown = Optional.ofNullable(certificate);
        return new CertificateState(
                name, shown.map(KeyedCertificate::notBefore), shown.map(KeyedCertificate::notAfter), error);
    }

    /** Calls {@code task} after each change of {@link #certificate}. */
    void onChange(Runnable task) {
        changed.add(task);
    }

    void removeOnChange(Runnable task) {
        changed.remove(task);
    }

    boolean isUsed() {
        return !changed.isEmpty();
    }

    /** Reads the files again on the worker, unless that is under way. */
    void check() {
        if (checking) {
            return;
        }
        checking = true;
        KeyedCertificate.Pem known = pem;
        tls.onWorker(() -> {
            Found found = find(known);
            tls.onLoop(() -> take(found));
        });
    }

    /** On the worker. */
    private Found find(KeyedCertificate.Pem known) {
        KeyedCertificate.Pem read = null;
        try {
            read = KeyedCertificate.read(directory);
            if (read.equals(known)) {
                return null;
            }
            return new Found(read, KeyedCertificate.parse(vertx, directory, read), "");
        } catch (IOException e) {
            return new Found(read, null, String.valueOf(e.getMessage()));
        }
    }

    private void take(Found found) {
        checking = false;
        if (found == null) {
            return;
        }
        pem = found.pem();
        if (found.certificate() == null) {
            if (!found.error().equals(error)) {
                error = found.error();
                String stays =
                        certificate == null ? "no connection that needs it is served" : "the last good one stays";
                LOG.log(Level.WARNING, "certificate {0}: {1}; {2}", new Object[] {name, error, stays});
            }
            return;
        }
        error = "";
        certificate = found.certificate();
        LOG.info(() -> "certificate " + name + " is valid until " + certificate.notAfter());
        List.copyOf(changed).forEach(Runnable::run);
    }
}
