package link.ambassador;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the pages lead to is there: the tests that are named as proof, and the ends of links. */
class DocsTest {
    private static final Path TESTS = Path.of("src/test/java/link/ambassador");

    /** {@code SidecarIT}, {@code SidecarIT.noPodIsNoFailure}, {@code SidecarE2E#anEdit*}. */
    private static final Pattern TEST = Pattern.compile("\\b([A-Z]\\w+(?:Test|IT|E2E))\\b(?:[.#](\\w+)(\\*?))?");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    static Stream<Path> pages() throws IOException {
        try (Stream<Path> src = Files.walk(Path.of("src"));
                Stream<Path> docs = Files.walk(Path.of("docs"));
                Stream<Path> kubernetes = Files.walk(Path.of("kubernetes"))) {
            return Stream.of(Stream.of(Path.of("README.md")), docs, kubernetes, src)
                    .flatMap(paths -> paths)
                    .filter(path -> path.toString().endsWith(".md"))
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void theTestsThatItNamesExist(Path page) throws IOException {
        List<String> missing = new ArrayList<>();
        for (MatchResult named : TEST.matcher(Files.readString(page)).results().toList()) {
            String fact = named.group(2);
            if (!sources(named.group(1))
                    .anyMatch(source -> fact == null
                            || Pattern.compile("void " + fact + (named.group(3).isEmpty() ? "\\(" : "\\w*\\("))
                                    .matcher(source)
                                    .find())) {
                missing.add(named.group());
            }
        }

        assertThat(missing).isEmpty();
    }

    /** The text of the test class of this name. */
    private static Stream<String> sources(String test) throws IOException {
        try (Stream<Path> files = Files.walk(TESTS)) {
            return files
                    .filter(file -> file.getFileName().toString().equals(test + ".java"))
                    .map(DocsTest::text)
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void itsLinksLeadSomewhere(Path page) throws IOException {
        List<String> broken = LINK.matcher(Files.readString(page))
                .results()
                .map(link -> link.group(1))
                .filter(target -> !target.startsWith("https://"))
                .filter(target -> !leadsSomewhere(page, target))
                .toList();

        assertThat(broken).isEmpty();
    }

    private static boolean leadsSomewhere(Path page, String target) {
        String[] parts = target.split("#", 2);
        Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        return Files.exists(file)
                && (parts.length == 1
                        || HEADING.matcher(text(file)).results().anyMatch(heading -> anchor(heading.group(1))
                                .equals(parts[1])));
    }

    /** As GitHub makes it of a heading. */
    private static String anchor(String heading) {
        return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", "").replace(' ', '-');
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
