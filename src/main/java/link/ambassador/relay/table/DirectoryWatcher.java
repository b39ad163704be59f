package link.ambassador.relay.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/**
 * Tells early that a file may have changed, by inotify on its directory. It misses changes (a file mounted by itself, a
 * directory that appears later, no inotify left for this user: {@code fs.inotify.max_user_instances}), so its caller looks
 * from time to time anyway. Used by one thread; {@link #close} may be called from any.
 */
final class DirectoryWatcher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(DirectoryWatcher.class.getName());

    private final Path file;
    private final Path directory;
    private final CountDownLatch closed = new CountDownLatch(1);
    private WatchService watch;
    private WatchKey key;
    private Object watchedDirectory;
    private boolean complained;

    DirectoryWatcher(Path file) {
        this.file = file.toAbsolutePath();
        this.directory = this.file.getParent();
    }

    /** Begins to watch, or watches the directory that has taken the place of the one before; call it before each look. */
    void watch() {
        Object found = null;
        try {
            found = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
            if (key != null && key.isValid() && found.equals(watchedDirectory)) {
                return;
            }
            if (watch == null) {
                watch = directory.getFileSystem().newWatchService();
            }
            if (key != null) {
                key.cancel();
            }
            key = directory.register(
                    watch,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            watchedDirectory = found;
        } catch (IOException e) {
            key = null;
            if (found != null && !complained) {
                complained = true;
                LOG.info(() -> directory + " cannot be watched (" + e.getMessage() + "): checking it every second");
            }
        }
    }

    /** Returns when the file may have changed, and at the latest when the time is up. */
    void await(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toNanos(); left > 0 && !isClosed(); left = end - System.nanoTime()) {
            if (key == null) {
                closed.await(left, TimeUnit.NANOSECONDS);
                return;
            }
            WatchKey signalled = watch.poll(left, TimeUnit.NANOSECONDS);
            if (signalled != null && concernsTheFile(signalled)) {
                return;
            }
        }
    }

    private boolean concernsTheFile(WatchKey signalled) {
        Set<Path> names = names();
        boolean concerns = false;
        for (WatchEvent<?> event : signalled.pollEvents()) {
            concerns |= event.context() == null || names.contains(event.context());
        }
        // Not valid any more: the directory is gone, and so is the file.
        return !signalled.reset() || concerns;
    }

    /** The file's own, and what it is a link to: {@code ..data} in a volume of the kubelet. */
    private Set<Path> names() {
        Set<Path> names = new HashSet<>(Set.of(file.getFileName()));
        try {
            if (Files.isSymbolicLink(file)) {
                names.add(Files.readSymbolicLink(file).getName(0));
            }
        } catch (IOException gone) {
            // Its own name is what comes back with it.
        }
        return names;
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
