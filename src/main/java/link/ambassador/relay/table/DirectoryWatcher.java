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
 * Notices early that a file may have changed, with inotify on its directory. It misses some changes: of a file that is
 * mounted by itself, of a directory that appears later, or if the user has no inotify instance left ({@code
 * fs.inotify.max_user_instances}). So its caller also checks the file from time to time. Used by one thread; any thread
 * may call {@link #close}.
 */
final class DirectoryWatcher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(DirectoryWatcher.class.getName());

    private final Path file;
    private final Path directory;
    private final CountDownLatch closed = new CountDownLatch(1);
    private WatchService watch;
    private WatchKey key;
    private Object watchedDirectory;
    private boolean logged;

    DirectoryWatcher(Path file) {
        this.file = file.toAbsolutePath();
        this.directory = this.file.getParent();
    }

    /** Watches the directory, or the one that has replaced it. Call it before each read of the file. */
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
            if (found != null && !logged) {
                logged = true;
                LOG.info(() -> directory + " cannot be watched (" + e.getMessage() + "): checking it every second");
            }
        }
    }

    /** Returns when the file may have changed, or when the time is up. */
    void await(Duration maxTime) throws InterruptedException {
        long end = System.nanoTime() + maxTime.toNanos();
        for (long left = maxTime.toNanos(); left > 0 && !isClosed(); left = end - System.nanoTime()) {
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
        // An invalid key: the directory is gone, and so is the file.
        return !signalled.reset() || concerns;
    }

    /** The name of the file, and that of its link's target: {@code ..data} in a volume of the kubelet. */
    private Set<Path> names() {
        Set<Path> names = new HashSet<>(Set.of(file.getFileName()));
        try {
            if (Files.isSymbolicLink(file)) {
                names.add(Files.readSymbolicLink(file).getName(0));
            }
        } catch (IOException gone) {
            // If the link comes back, it has the name of the file.
        }
        return names;
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Ends the wait of the thread that watches, at the latest when its time is up; that thread then has to {@link #release}. */
    @Override
    public void close() {
        closed.countDown();
    }

    /** Frees the kernel's watch, and its thread. On the thread that watched, after the close. */
    void release() {
        try {
            if (watch != null) {
                watch.close();
            }
        } catch (IOException e) {
            LOG.fine(() -> "the watch of " + directory + " was not closed: " + e.getMessage());
        }
    }
}
