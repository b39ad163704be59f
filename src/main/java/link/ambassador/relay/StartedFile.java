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
 * An empty file that says what {@code /startz} says, to who has a shell and no HTTP client: the hook that the kubelet runs
 * beside a sidecar ({@code src/main/image/await-started}). The image's {@code start} removes it before the JVM starts.
 */
final class StartedFile {
    private static final Logger LOG = Logger.getLogger(StartedFile.class.getName());

    private final Optional<Path> file;
    private final AtomicBoolean written = new AtomicBoolean();

    StartedFile(Optional<Path> file) {
        this.file = file;
    }

    /** Writes it, unless that was done; a file is written, so not on an event loop. */
    void write() {
        if (file.isEmpty() || written.getAndSet(true)) {
            return;
        }
        try {
            // Made new, and so neither written through a link nor into a pipe of who shares the folder.
            Files.createFile(file.get());
        } catch (FileAlreadyExistsException e) {
            // It says what it is to say.
        } catch (IOException e) {
            LOG.warning(() -> "cannot write " + file.get() + ", for which the pod's app may be waiting: " + e + ". "
                    + RelayEnvironment.STARTED_FILE + " must name a file in a writable folder");
        }
    }
}
