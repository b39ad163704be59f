package link.ambassador.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How the image starts its JVM, read from {@code Dockerfile.jvm} so that what is measured is what is shipped. */
final class ImageSettings {
    private static final Path DOCKERFILE = Path.of("Dockerfile.jvm");
    private static final Pattern ENTRYPOINT = Pattern.compile("(?m)^ENTRYPOINT \\[(.*)]$");
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"");

    private ImageSettings() {}

    /** The options of the ENTRYPOINT between {@code java} and {@code -jar}. */
    static List<String> jvmOptions(Path application) throws IOException {
        Matcher entrypoint = ENTRYPOINT.matcher(Files.readString(DOCKERFILE, StandardCharsets.UTF_8));
        if (!entrypoint.find()) {
            throw new IOException(DOCKERFILE + " has no line ENTRYPOINT [\"java\", …, \"-jar\", …]");
        }
        List<String> words = WORD.matcher(entrypoint.group(1))
                .results()
                .map(word -> word.group(1).replace("/ambassador/", application + "/"))
                .collect(Collectors.toList());
        int jar = words.indexOf("-jar");
        if (jar < 1 || !words.get(0).equals("java")) {
            throw new IOException(
                    "the ENTRYPOINT of " + DOCKERFILE + " must be java, its options, -jar and the jar: " + words);
        }
        return words.subList(1, jar);
    }
}
