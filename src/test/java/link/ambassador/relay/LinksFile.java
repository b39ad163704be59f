package link.ambassador.relay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import link.ambassador.config.LinkTable;
import link.ambassador.config.LinkTableWriter;

/** A link table's file that a test replaces by rename. */
record LinksFile(Path path) {
    /** Returns the moment of the rename, by {@link System#nanoTime}. */
    long replace(LinkTable table) throws IOException {
        return replace(LinkTableWriter.write(table));
    }

    long replace(byte[] document) throws IOException {
        Path next = path.resolveSibling("next");
        Files.write(next, document);
        long now = System.nanoTime();
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
        return now;
    }
}
