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
 * A file that is parsed anew when it changed; looked at when it is asked for, at most once a second, and never on the
 * event loop, where everything here is called. A file that cannot be read, or is none (a FIFO, a device), is one without
 * content.
 *
 * <p>Who asks waits for the look, which takes as long as a hop to another thread. Nobody waits for a large file that is
 * parsed anew, nor for a disk that does not answer: the last content serves meanwhile.
 */
final class WatchedFile<T> {
    /** Reads content from the begin of a file, on a thread that may block. */
    @FunctionalInterface
    interface Parser<T> {
        T parse(InputStream content) throws IOException;
    }

    /** Where reading takes longer than anybody should wait for. */
    static final long LARGE_BYTES = 256 * 1024;

    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PATIENCE_SECONDS = 5;

    private final Path path;
    private final Parser<T> parser;
    private final EventLoop loop;
    private final Executor aside;
    private final LongSupplier nanoTime;
    // Of the look that began last: what to go on with, and what it came to.
    private Promise<T> answer;
    private Promise<T> end;
    private boolean looking;
    private long lookedAt;
    private Stamp stamp;
    private T content;

    /** What changes when the file does, however it is written: in place, by rename, or by a swapped link. */
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

    /** @param aside runs what blocks; used for one look at a time */
    WatchedFile(Path path, Parser<T> parser, EventLoop loop, Executor aside, LongSupplier nanoTime) {
        this.path = path;
        this.parser = parser;
        this.loop = loop;
        this.aside = aside;
        this.nanoTime = nanoTime;
    }

    /** The content; the same object as long as the file is the same. Null when it could not be looked at in time yet. */
    Future<T> get() {
        if (!looking && (content == null || nanoTime.getAsLong() - lookedAt >= LOOK_NANOS)) {
            look(stamp);
        }
        return looking ? answer.future() : Future.succeededFuture(content);
    }

    /** As {@link #get}, but parsed anew although the file is the same. Joins a look under way, which may be older. */
    Future<T> again() {
        if (!looking) {
            look(null);
        }
        return end.future();
    }

    /** @param known the stamp of the content, when the file need not be parsed if it is still that */
    private void look(Stamp known) {
        Promise<T> first = Promise.promise();
        Promise<T> last = Promise.promise();
        answer = first;
        end = last;
        looking = true;
        lookedAt = nanoTime.getAsLong();
        last.future().onSuccess(first::tryComplete);
        if (known == null && content != null) {
            first.complete(content);
        }
        try {
            aside.execute(() -> lookAside(first, last, known));
        } catch (RejectedExecutionException over) {
            looked(last);
            return;
        }
        ScheduledFuture<?> patience =
                loop.schedule(() -> last.tryComplete(content), PATIENCE_SECONDS, TimeUnit.SECONDS);
        last.future().onComplete(done -> patience.cancel(false));
    }

    private void lookAside(Promise<T> first, Promise<T> last, Stamp known) {
        // Before the content: a change between the two is seen at the next look.
        Stamp found = Stamp.of(path);
        if (found.equals(known)) {
            onLoop(() -> looked(last));
            return;
        }
        if (known != null && found.size() > LARGE_BYTES) {
            onLoop(() -> first.tryComplete(content));
        }
        T parsed = parsed(found);
        onLoop(() -> {
            stamp = found;
            content = parsed;
            looked(last);
        });
    }

    private void looked(Promise<T> last) {
        looking = false;
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
            // With the loop everybody ended who could ask.
        }
    }
}
