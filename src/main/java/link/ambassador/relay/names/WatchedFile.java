package link.ambassador.relay.names;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * A small file, parsed anew when it changed; looked at when it is asked for, at most once a second. A file that cannot
 * be read is one without lines.
 */
final class WatchedFile<T> {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Path path;
    private final Function<List<String>, T> parse;
    private final LongSupplier nanoTime;
    private Stamp stamp;
    private long lookedAt;
    private T content;

    /** What changes when the file does, however it is written: in place, by rename, or by a swapped link. */
    private record Stamp(Object modified, Object key, long size) {
        static final Stamp MISSING = new Stamp("", "", -1);

        static Stamp of(Path path) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
                return new Stamp(attributes.lastModifiedTime(), attributes.fileKey(), attributes.size());
            } catch (IOException missing) {
                return MISSING;
            }
        }
    }

    WatchedFile(Path path, Function<List<String>, T> parse, LongSupplier nanoTime) {
        this.path = path;
        this.parse = parse;
        this.nanoTime = nanoTime;
    }

    /** The content; the same object as long as the file is the same. */
    T get() {
        long now = nanoTime.getAsLong();
        if (content != null && now - lookedAt < LOOK_NANOS) {
            return content;
        }
        lookedAt = now;
        // Before the content: a change between the two is seen at the next look.
        Stamp found = Stamp.of(path);
        if (content == null || !found.equals(stamp)) {
            stamp = found;
            content = parse.apply(lines());
        }
        return content;
    }

    private List<String> lines() {
        try {
            return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1)
                    .lines()
                    .toList();
        } catch (IOException unreadable) {
            return List.of();
        }
    }
}
