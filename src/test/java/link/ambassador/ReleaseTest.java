package link.ambassador;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code src/release/run} makes of the source, in a repository with the files of this one that name the version. */
class ReleaseTest {
    private static final List<String> FILES =
            List.of("pom.xml", "CHANGELOG.md", "README.md", "docs", "kubernetes", "src/release");

    @TempDir
    private Path directory;

    private Path tree;
    private Path out;

    private record Result(int status, String output) {
        String succeeded() {
            assertThat(status).as(output).isZero();
            return output;
        }
    }

    @BeforeEach
    void repository() throws Exception {
        tree = Files.createDirectory(directory.resolve("tree"));
        out = directory.resolve("out");
        List<String> copy = new ArrayList<>(List.of("cp", "-r", "--parents"));
        copy.addAll(FILES);
        copy.add(tree.toString());
        run(Path.of(""), copy.toArray(String[]::new)).succeeded();
        git("init", "--quiet", "--initial-branch=main");
        git("config", "user.name", "Somebody");
        git("config", "user.email", "somebody@example.com");
        git("add", "--all");
        git("commit", "--quiet", "--message", "Everything");
    }

    @Test
    void theTaggedSourceHasTheVersionEverywhereAndTheNextCommitBeginsAnother() throws Exception {
        release("0.2.0").succeeded();

        Path source = out.resolve("source");
        String tagged = run(
                        source, "git", "grep", "-n", "SNAPSHOT", "v0.2.0", "--", ".", ":!CHANGELOG.md", ":!src/release")
                .output();
        assertThat(tagged).isEmpty();
        assertThat(show(source, "v0.2.0:pom.xml")).contains("<version>0.2.0</version>");
        assertThat(show(source, "v0.2.0:kubernetes/helm/ambassador/Chart.yaml"))
                .contains("\nversion: 0.2.0\n", "\nappVersion: 0.2.0\n");
        assertThat(show(source, "v0.2.0:kubernetes/ambassador.yaml")).contains("image: ambassador:0.2.0\n");
        assertThat(show(source, "v0.2.0:CHANGELOG.md"))
                .contains("## [Unreleased]\n\n## [0.2.0] - " + LocalDate.now(ZoneOffset.UTC) + "\n");
        assertThat(show(source, "release:pom.xml")).contains("<version>0.3.0-SNAPSHOT</version>");
        assertThat(show(source, "release:kubernetes/ambassador.yaml")).contains("image: ambassador:0.3.0-SNAPSHOT\n");
        assertThat(show(source, "release:CHANGELOG.md")).isEqualTo(show(source, "v0.2.0:CHANGELOG.md"));
        assertThat(Files.readString(out.resolve("release-notes.md"))).startsWith("### Added\n\n- ");
    }

    @Test
    void theWorkTreeStaysAsItIs() throws Exception {
        String before = git("rev-parse", "HEAD");

        release("0.2.0").succeeded();

        assertThat(git("rev-parse", "HEAD")).isEqualTo(before);
        assertThat(git("status", "--porcelain")).isEmpty();
        assertThat(git("tag")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    v0.2.0     | the version is 'v0.2.0': it must be three numbers, such as 0.2.0
                    0.2        | the version is '0.2': it must be three numbers
                    0.2.0-rc.1 | the version is '0.2.0-rc.1': it must be three numbers
                    01.2.0     | the version is '01.2.0': it must be three numbers
                    0.9.0      | there is a tag v0.9.0 already
                    0.8.12     | 0.8.12 is lower than the latest tag, v0.9.0
                    """)
    void aVersionThatCannotBeTheNextIsRefused(String version, String sentence) throws Exception {
        git("tag", "v0.9.0");

        assertRefused(release(version), sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "10m", "-1", "86401"})
    void aDeadlineThatIsNoNumberOfSecondsIsRefused(String deadline) throws Exception {
        assertRefused(
                run(tree, "src/release/run", "0.2.0", "--prepare", "--deadline", deadline, "--out", out.toString()),
                "--deadline is '" + deadline + "': it must be a whole number of seconds from 1 to 86400");
    }

    @Test
    void changesThatAreNotCommittedAreRefused() throws Exception {
        Files.writeString(tree.resolve("new"), "");

        assertRefused(release("0.2.0"), "the work tree has changes: commit or stash them");
    }

    @Test
    void aReleaseThatBringsNothingIsRefused() throws Exception {
        Files.writeString(
                tree.resolve("CHANGELOG.md"), "# Changelog\n\n## [Unreleased]\n\n## [0.1.0] - 2026-01-01\n\n- All.\n");
        git("commit", "--quiet", "--all", "--message", "Nothing");

        assertRefused(release("0.2.0"), "CHANGELOG.md has nothing under [Unreleased]");
    }

    @Test
    void withoutARepositoryThereIsNoImage() throws Exception {
        assertRefused(run(tree, "src/release/run", "0.2.0", "--out", out.toString()), "--repository is missing");
    }

    /** An offline Maven makes none, and says nothing. */
    @Test
    void aBuildWithoutABillOfMaterialsEndsBeforeAnythingIsPushed() throws Exception {
        Path used = directory.resolve("used");

        Result refused = push("exit 0", "touch " + used);

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).contains("the build made no bill of materials, target/bom.json");
        assertThat(used).doesNotExist();
    }

    /** As for an architecture that this machine emulates too slowly. */
    @Test
    void anImageThatCannotBeBuiltEndsItBeforeAnythingIsPushed() throws Exception {
        Path pushed = directory.resolve("pushed");

        Result refused = push(
                "mkdir -p target && touch target/bom.json",
                "case \"$*\" in build*) exit 1 ;; *push*) touch " + pushed + " ;; esac");

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output())
                .contains("there is no image of all of linux/amd64,linux/arm64, so nothing is pushed");
        assertThat(pushed).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"'', 3600", "--platforms linux/own, 600", "--deadline 7200, 7200"})
    void anEmulatedRoleGetsMoreTime(String options, int seconds) throws Exception {
        String own = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        String[] more =
                options.isEmpty() ? new String[0] : options.replace("own", own).split(" ");

        Result result = push(
                "mkdir -p target && touch target/bom.json",
                "case \"$*\" in build*) echo \"$*\" && exit 1 ;; esac",
                more);

        assertThat(result.output()).contains(" --build-arg TRAINING_SECONDS=" + seconds + " ");
    }

    /** With programs that do nothing but these lines in place of Maven, and of the builder of images and helm. */
    private Result push(String maven, String others, String... more) throws IOException, InterruptedException {
        program(tree.resolve("mvnw"), maven);
        git("add", "--all");
        git("commit", "--quiet", "--message", "Another Maven");
        Path programs = Files.createDirectories(directory.resolve("programs"));
        for (String name : List.of("buildah", "helm")) {
            program(programs.resolve(name), others);
        }
        List<String> command = new ArrayList<>(List.of(
                "env",
                "HELM=" + programs.resolve("helm"),
                "PATH=" + programs + ":" + System.getenv("PATH"),
                "src/release/run",
                "0.2.0",
                "--repository",
                "registry.example.com/ambassador",
                "--push",
                "--skip-tests"));
        command.addAll(List.of(more));
        command.addAll(List.of("--out", out.toString()));
        return run(tree, command.toArray(String[]::new));
    }

    private static void program(Path file, String line) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + line + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private void assertRefused(Result refused, String sentence) {
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.output()).startsWith("run: ").contains(sentence);
        assertThat(out).doesNotExist();
    }

    private Result release(String version) throws IOException, InterruptedException {
        return run(tree, "src/release/run", version, "--prepare", "--out", out.toString());
    }

    private static String show(Path source, String file) throws IOException, InterruptedException {
        return run(source, "git", "show", file).succeeded();
    }

    private String git(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        return run(tree, command.toArray(String[]::new)).succeeded();
    }

    private static Result run(Path folder, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toAbsolutePath().toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output);
    }
}
