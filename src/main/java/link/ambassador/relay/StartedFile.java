package link.ambassador.relay;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Logger;
import link.ambassador.config.RelayEnvironment;

/**
 * An empty file that exists once {@code /startz} succeeds, for a shell without an HTTP client: the sidecar's hook
 * {@code src/main/image/await-started}. The image's {@code start} removes it before the JVM starts.
 */
final class StartedFile {
    private static final Logger LOG = Logger.getLogger(StartedFile.class.getName());

    private final Optional<Path> file;
    private final AtomicBoolean written = new AtomicBoolean();

    StartedFile(Optional<Path> file) {
        this.file = file;
    }

    /** Writes the file, once. Blocks, so not on an event loop. */
    void write() {
        if (file.isEmpty() || written.getAndSet(true)) {
            return;
        }
        try {
            // Creates a new file, so that nobody with access to the folder can redirect it with a link or a pipe.
            Files.createFile(file.get());
        } catch (FileAlreadyExistsException e) {
            // The file is there, and that is all it has to say.
        } catch (IOException e) {
            LOG.warning(() -> "cannot write " + file.get() + ", for which the pod's app may be waiting: " + e + ". "
                    + RelayEnvironment.STARTED_FILE + " must name a file in a writable folder");
        }
    }
}
