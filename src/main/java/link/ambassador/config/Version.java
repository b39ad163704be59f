package link.ambassador.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The version of this artifact, as the build wrote it. */
public final class Version {
    private Version() {}

    public static String read() {
        try (InputStream version = Version.class.getResourceAsStream("/ambassador-version.txt")) {
            return new String(version.readAllBytes(), StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
