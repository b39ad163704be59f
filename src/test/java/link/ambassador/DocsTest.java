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
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the pages lead to is there: the tests that are named as proof, the classes that are named as stops, the ends of links.
 * And what the code cites is there: the points of the contract.
 */
class DocsTest {
    private static final Path TESTS = Path.of("src/test/java/link/ambassador");

    /** {@code SidecarIT}, {@code SidecarIT.noPodIsNoFailure}, {@code SidecarE2E#anEdit*}. */
    private static final Pattern TEST = Pattern.compile("\\b([A-Z]\\w+(?:Test|IT|E2E))\\b(?:[.#](\\w+)(\\*?))?");

    /** A class, where a page is a map of the code: in bold. */
    private static final Pattern CLASS = Pattern.compile("\\*\\*`(\\w+)`\\*\\*");

    private static final Path CONTRACT = Path.of("docs/design/contract.md");
    private static final Pattern CITED_POINT = Pattern.compile("(?i)contract[\\s*]+point[\\s*]+(\\d+)");

    private static final Pattern OLDEST_KUBERNETES = Pattern.compile("Kubernetes\\s+(1\\.\\d+)\\s+or\\s+later");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    static Stream<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(Path.of(""));
                Stream<Path> github = Files.walk(Path.of(".github"));
                Stream<Path> src = Files.walk(Path.of("src"));
                Stream<Path> docs = Files.walk(Path.of("docs"));
                Stream<Path> kubernetes = Files.walk(Path.of("kubernetes"))) {
            return Stream.of(top, github, docs, kubernetes, src)
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

    @ParameterizedTest
    @MethodSource("pages")
    void theClassesThatItNamesAsStopsExist(Path page) throws IOException {
        Set<String> missing = new TreeSet<>();
        CLASS.matcher(Files.readString(page)).results().forEach(named -> missing.add(named.group(1)));
        try (Stream<Path> sources = Files.walk(Path.of("src"))) {
            sources.forEach(
                    source -> missing.remove(source.getFileName().toString().replaceFirst("\\.java$", "")));
        }

        assertThat(missing).isEmpty();
    }

    /** An SRE reads it in a few minutes; everything else has a page by its task. */
    @Test
    void theReadmeIsShort() throws IOException {
        assertThat(Files.readAllLines(Path.of("README.md"))).hasSizeLessThanOrEqualTo(120);
    }

    @Test
    void onePageAfterAnotherNamesTheSameOldestKubernetes() throws IOException {
        Set<String> named = new TreeSet<>();
        pages().forEach(page ->
                OLDEST_KUBERNETES.matcher(text(page)).results().forEach(oldest -> named.add(oldest.group(1))));

        assertThat(named).hasSize(1);
    }

    /** The relay's stand in its source as they are scraped, the operator's as Micrometer names them. */
    @Test
    void everyMetricIsOnThePageOfItsRole() throws IOException {
        Map<String, Path> roles = Map.of(
                "\"(ambassador_\\w+)\"",
                Path.of("docs/relay.md"),
                "\"(ambassador[.][a-z.]+)\"",
                Path.of("docs/operator.md"));
        Set<String> missing = new TreeSet<>();
        int found = 0;
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source :
                    sources.filter(file -> file.toString().endsWith(".java")).toList()) {
                for (Map.Entry<String, Path> role : roles.entrySet()) {
                    for (MatchResult metric : Pattern.compile(role.getKey())
                            .matcher(text(source))
                            .results()
                            .toList()) {
                        found++;
                        String name = metric.group(1).replace('.', '_');
                        // Prometheus' own library takes names as they are scraped, in either role.
                        Path page = source.toString().contains("/operator/")
                                ? Path.of("docs/operator.md")
                                : role.getValue();
                        if (!name.equals("ambassador_link") && !text(page).contains("`" + name)) {
                            missing.add(name + " of " + source);
                        }
                    }
                }
            }
        }

        assertThat(found).isGreaterThan(30);
        assertThat(missing).isEmpty();
    }

    @Test
    void everyAlertHasARowThatSaysWhatToDo() throws IOException {
        String page = Files.readString(Path.of("docs/troubleshooting.md"));
        List<String> alerts = Pattern.compile("- alert: (\\w+)")
                .matcher(Files.readString(Path.of("kubernetes/install/monitoring/alerts.yaml")))
                .results()
                .map(alert -> alert.group(1))
                .toList();

        assertThat(alerts).isNotEmpty().allSatisfy(alert -> assertThat(page)
                .containsPattern("(?m)^\\| `" + alert + "` \\|"));
    }

    @Test
    void everyPointOfTheContractThatTheCodeCitesExists() throws IOException {
        String contract = Files.readString(CONTRACT);
        Set<String> cited = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src"))) {
            sources.filter(source -> source.toString().endsWith(".java"))
                    .forEach(source ->
                            CITED_POINT.matcher(text(source)).results().forEach(point -> cited.add(point.group(1))));
        }

        assertThat(cited).isNotEmpty().allSatisfy(point -> assertThat(contract)
                .containsPattern("(?m)^### " + point + "\\. "));
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
