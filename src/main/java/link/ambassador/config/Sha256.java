package link.ambassador.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Short names for texts that are too long to compare by eye, or to keep. From any thread. */
public final class Sha256 {
    private static final int TARGETS_BYTES = 4;

    private Sha256() {}

    /** The first {@code bytes} of the digest of a text, in hexadecimal. */
    public static String of(String text, int bytes) {
        return of(text.getBytes(StandardCharsets.UTF_8), bytes);
    }

    /** The same of a text in UTF-8. */
    public static String of(byte[] text, int bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text);
            return HexFormat.of().formatHex(hash, 0, bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Names a list of targets, in its order: a relay and the operator give it the same name. */
    public static String of(List<Target> targets) {
        return of(targets.toString(), TARGETS_BYTES);
    }
}
