package link.ambassador.relay.probe;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import link.ambassador.config.Credential;

/**
 * Reads credentials, each time anew: the kubelet may have brought another one.
 *
 * @param loop where the futures complete
 * @param worker reads
 * @param directory with a directory for each name
 */
public record CredentialFiles(Executor loop, Executor worker, Path directory) {
    /** The longest credential, in bytes. */
    static final int MAX_BYTES = 1024;

    /** Its text without a line break at its end; or an exception with a sentence that has nothing of the text. */
    Future<String> read(Credential credential) {
        Promise<String> read = Promise.promise();
        worker.execute(() -> {
            String text = null;
            String error = null;
            try {
                text = text(directory.resolve(credential.name()).resolve(credential.key()));
            } catch (IOException | RuntimeException e) {
                error = "cannot read the credential " + credential + ": " + reason(e);
            }
            String found = text;
            String failure = error;
            loop.execute(() -> {
                if (failure == null) {
                    read.complete(found);
                } else {
                    read.fail(failure);
                }
            });
        });
        return read.future();
    }

    private static String reason(Exception e) {
        return e instanceof BadCredentialException ? e.getMessage() : "its file is missing or unreadable";
    }

    private static String text(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new BadCredentialException(Files.exists(file) ? "it is no regular file" : "its file is missing");
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 3);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new BadCredentialException("it is not UTF-8");
        }
        text = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new BadCredentialException("it has more than " + MAX_BYTES + " bytes");
        }
        if (text.isEmpty()) {
            throw new BadCredentialException("it is empty");
        }
        // It would end the command that it belongs to, and begin another one.
        if (text.chars().anyMatch(character -> character == '\n' || character == '\r' || character == 0)) {
            throw new BadCredentialException("it has a line break or a NUL");
        }
        return text;
    }

    private static final class BadCredentialException extends IOException {
        private static final long serialVersionUID = 1L;

        BadCredentialException(String message) {
            super(message);
        }
    }
}
