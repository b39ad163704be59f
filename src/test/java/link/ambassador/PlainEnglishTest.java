package link.ambassador;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Documentation, and the strings of the program that people read (conditions, Events, logs, warnings, descriptions of fields), keep
 * to {@link PlainEnglish}.
 */
class PlainEnglishTest {
    /** Generated from what tests and libraries are called. */
    private static final List<Path> GENERATED = List.of(Path.of("docs/licences.md"));

    private static final Pattern CODE_BLOCK = Pattern.compile("(?s)```.*?```|(?s)<!-- table -->.*?<!-- /table -->");
    private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|(?m)(?<![:\"])//.*$");
    private static final Pattern TEXT_BLOCK = Pattern.compile("(?s)\"\"\"(.*?)\"\"\"");
    private static final Pattern STRINGS =
            Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"(?:\\s*\\+\\s*\"((?:[^\"\\\\\n]|\\\\.)*)\")*");

    static Stream<Path> pages() throws IOException {
        return DocsTest.pages().filter(page -> !GENERATED.contains(page));
    }

    static Stream<Path> manifests() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("kubernetes"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).toList().stream();
        }
    }

    static Stream<Path> sources() throws IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            return sources.filter(source -> source.toString().endsWith(".java")).toList().stream();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyRuleFindsWhatBreaksItAndNoMore(PlainEnglish rule) {
        assertThat(rule.findings(rule.broken)).isNotEmpty();
        assertThat(rule.findings(rule.kept)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("pages")
    void aPageIsInPlainEnglish(Path page) throws IOException {
        assertThat(findings(paragraphs(Files.readString(page)))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void theCommentsOfAManifestAreInPlainEnglish(Path manifest) throws IOException {
        assertThat(findings(comments(Files.readString(manifest)))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("sources")
    void whatTheProgramTellsPeopleIsInPlainEnglish(Path source) throws IOException {
        assertThat(findings(sentences(Files.readString(source)))).isEmpty();
    }

    private static List<String> findings(List<String> texts) {
        return texts.stream()
                .flatMap(text -> Arrays.stream(PlainEnglish.values()).flatMap(rule -> rule.findings(text).stream()))
                .toList();
    }

    /** The prose of a page: without code and headings; a row of a table, an item of a list and a paragraph are one text each. */
    private static List<String> paragraphs(String page) {
        String prose = CODE.matcher(CODE_BLOCK.matcher(page).replaceAll("\n\n")).replaceAll("CODE");
        List<String> paragraphs = new ArrayList<>();
        for (String block : prose.split("\n\\s*\n|\n(?=\\||\\s*[-*] |\\s*\\d+\\. |#)", -1)) {
            String text = block.replaceAll("\\s+", " ").strip();
            if (!text.startsWith("#") && !text.isEmpty()) {
                paragraphs.add(text.replaceFirst("^[-*] |^\\d+\\. ", "").replace("**", ""));
            }
        }
        return paragraphs;
    }

    /** Comments of lines that follow each other are one text. */
    private static List<String> comments(String manifest) {
        return Pattern.compile("(?m)(?:^ *#.*\n)+")
                .matcher(manifest)
                .results()
                .map(block -> block.group()
                        .replaceAll("(?m)^ *# ?", "")
                        .replaceAll("\\s+", " ")
                        .strip())
                .toList();
    }

    /** The strings of a source that have a space; those that are joined by a plus sign are one text. */
    private static List<String> sentences(String source) {
        String code = COMMENT.matcher(source).replaceAll("");
        List<String> sentences = new ArrayList<>();
        TEXT_BLOCK
                .matcher(code)
                .results()
                .forEach(block -> sentences.add(
                        block.group(1).replaceAll("\\\\?\\s+", " ").strip()));
        STRINGS.matcher(TEXT_BLOCK.matcher(code).replaceAll("0"))
                .results()
                .map(joined -> joined.group().replaceAll("\"\\s*\\+\\s*\"", "").replaceAll("^\"|\"$", ""))
                .filter(text -> text.contains(" "))
                .forEach(sentences::add);
        return sentences;
    }
}
