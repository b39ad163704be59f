package link.ambassador.relay.dns;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A file that is parsed again after a change. A call checks the file, at most once a second. The check runs on another
 * thread; all methods are called on the event loop. A file that cannot be read, or is no regular file (a FIFO, a
 * device), counts as empty.
 *
 * <p>A call waits for the check, which takes as long as a hop to another thread. It does not wait until a large file is
 * parsed again, nor for a disk that does not respond: it gets the last content.
 */
final class WatchedFile<T> {
    /** Parses a file from its start, on a thread that may block. */
    @FunctionalInterface
    interface Parser<T> {
        T parse(InputStream content) throws IOException;
    }

    /** To parse a larger file takes longer than a call should wait. */
    static final long LARGE_BYTES = 256 * 1024;

    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PATIENCE_SECONDS = 5;

    private final Path path;
    private final Parser<T> parser;
    private final EventLoop loop;
    private final Executor worker;
    private final LongSupplier nanoTime;
    /** What the check that began last gives to calls; it may complete before the check does. */
    private Promise<T> answer;

    /** The end of that check. */
    private Promise<T> end;

    private boolean checking;
    private long checkedAt;
    private Stamp stamp;
    private T content;

    /** Differs after each change of the file, whether it is written in place, renamed, or behind a new link. */
    private record Stamp(Object modified, Object key, long size) {
        static final Stamp MISSING = new Stamp("", "", -1);

        static Stamp of(Path path) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                return attributes.isRegularFile()
                        ? new Stamp(attributes.lastModifiedTime(), attributes.fileKey(), attributes.size())
                        : MISSING;
            } catch (IOException missing) {
                return MISSING;
            }
        }
    }

    /** @param worker runs what blocks; it gets one check at a time */
    WatchedFile(Path path, Parser<T> parser, EventLoop loop, Executor worker, LongSupplier nanoTime) {
        this.path = path;
        this.parser = parser;
        this.loop = loop;
        this.worker = worker;
        this.nanoTime = nanoTime;
    }

    /** The content; the same object as long as the file is the same. Null if the first check takes too long. */
    Future<T> get() {
        if (!checking && (content == null || nanoTime.getAsLong() - checkedAt >= CHECK_NANOS)) {
            check(stamp);
        }
        return checking ? answer.future() : Future.succeededFuture(content);
    }

    /**
     * Like {@link #get}, but parses the file again even if it has not changed. Joins a check that is under way already.
     */
    Future<T> reread() {
        if (!checking) {
            check(null);
        }
        return end.future();
    }

    /** @param known the stamp of the content: a file with the same stamp is not parsed; null to parse it in any case */
    private void check(Stamp known) {
        Promise<T> first = Promise.promise();
        Promise<T> last = Promise.promise();
        answer = first;
        end = last;
        checking = true;
        checkedAt = nanoTime.getAsLong();
        last.future().onSuccess(first::tryComplete);
        if (known == null && content != null) {
            first.complete(content);
        }
        try {
            worker.execute(() -> checkOnWorker(first, last, known));
        } catch (RejectedExecutionException over) {
            checked(last);
            return;
        }
        ScheduledFuture<?> patience =
                loop.schedule(() -> last.tryComplete(content), PATIENCE_SECONDS, TimeUnit.SECONDS);
        last.future().onComplete(done -> patience.cancel(false));
    }

    private void checkOnWorker(Promise<T> first, Promise<T> last, Stamp known) {
        // Before the content: the next check sees a change between the two.
        Stamp found = Stamp.of(path);
        if (found.equals(known)) {
            onLoop(() -> checked(last));
            return;
        }
        if (known != null && found.size() > LARGE_BYTES) {
            onLoop(() -> first.tryComplete(content));
        }
        T parsed = parsed(found);
        onLoop(() -> {
            stamp = found;
            content = parsed;
            checked(last);
        });
    }

    private void checked(Promise<T> last) {
        checking = false;
        last.tryComplete(content);
    }

    private T parsed(Stamp found) {
        try (InputStream in =
                found.equals(Stamp.MISSING) ? InputStream.nullInputStream() : Files.newInputStream(path)) {
            return parser.parse(in);
        } catch (IOException | RuntimeException unreadable) {
            return empty();
        }
    }

    private T empty() {
        try {
            return parser.parse(InputStream.nullInputStream());
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException ended) {
            // The event loop has ended, and with it every caller.
        }
    }
}
