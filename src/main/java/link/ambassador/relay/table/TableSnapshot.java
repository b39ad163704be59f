package link.ambassador.relay.table;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import link.ambassador.config.LinkTableReader;
import link.ambassador.config.ParseResult;

/**
 * The content of a link table's file when it was read: bytes, or why there are none. Of a file that is too large it has
 * the beginning. It does not open a file that is not regular, which could block or have no end.
 */
final class TableSnapshot {
    private final byte[] bytes;
    private final long size;
    private final String problem;
    private final boolean isRegular;

    private TableSnapshot(byte[] bytes, long size, String problem, boolean isRegular) {
        this.bytes = bytes;
        this.size = size;
        this.problem = problem;
        this.isRegular = isRegular;
    }

    /** Blocks if a file that is not regular replaces the regular one at this moment. */
    static TableSnapshot read(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                String kind = attributes.isDirectory() ? "a directory" : "a FIFO, a socket or a device";
                return new TableSnapshot(new byte[0], 0, file + ", which is " + kind, false);
            }
            return contentOf(file);
        } catch (NoSuchFileException e) {
            return none("there is no file " + file);
        } catch (AccessDeniedException e) {
            return none(file + " may not be read by this user");
        } catch (IOException e) {
            return none(file + " cannot be read: " + e.getMessage());
        }
    }

    private static TableSnapshot contentOf(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LinkTableReader.MAX_BYTES + 1);
            boolean whole = bytes.length <= LinkTableReader.MAX_BYTES;
            return new TableSnapshot(bytes, whole ? bytes.length : Files.size(file), file + " is empty", true);
        }
    }

    static TableSnapshot none(String problem) {
        return new TableSnapshot(new byte[0], 0, problem, true);
    }

    boolean isSameAs(TableSnapshot other) {
        return size == other.size && problem.equals(other.problem) && Arrays.equals(bytes, other.bytes);
    }

    ParseResult parse(Map<Integer, String> reserved) {
        if (!isRegular) {
            return new ParseResult.Rejected("", problem, "a regular file");
        }
        return size > LinkTableReader.MAX_BYTES
                ? LinkTableReader.tooLarge(size)
                : LinkTableReader.read(bytes, reserved);
    }

    Optional<String> revision() {
        return LinkTableReader.revision(bytes);
    }

    /** Why there is no table. */
    String problem() {
        return problem;
    }
}
