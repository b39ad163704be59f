package link.ambassador.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the image waits for its relay, run by the shell of this machine. */
class AwaitStartedTest {
    private static final Path IMAGE = Path.of("src/main/image").toAbsolutePath();

    @TempDir
    private Path folder;

    private Path started;

    @BeforeEach
    void named() {
        started = folder.resolve("started");
    }

    @Test
    void itReturnsWhenTheRelayHasStarted() throws Exception {
        Process waiting = await("300");
        assertThat(waiting.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();

        Files.createFile(started);

        assertThat(statusOf(waiting)).isZero();
    }

    @Test
    void itReturnsAtOnceWhenTheRelayHasStartedAlready() throws Exception {
        Files.createFile(started);

        assertThat(statusOf(await("300"))).isZero();
    }

    @Test
    void aRelayThatNeverStartsIsWaitedForToTheBoundAndThatIsNoFailure() throws Exception {
        assertThat(statusOf(await("1"))).isZero();
    }

    @Test
    void nothingIsWaitedForWithoutAFile() throws Exception {
        started = Path.of("");

        assertThat(statusOf(await("300"))).isZero();
    }

    /** A busy loop would take CPU time from the start of the relay. */
    @Test
    void anImageWithoutSleepIsNotWaitedForInALoop() throws Exception {
        ProcessBuilder builder = builder("await-started", "300");
        builder.environment().put("PATH", folder.toString());

        assertThat(statusOf(builder.start())).isZero();
    }

    /** The folder belongs to the pod, and outlives the container. */
    @Test
    void whatTheRelayBeforeWroteIsGoneBeforeTheNextOneStarts() throws Exception {
        Files.createFile(started);
        Path java = Files.writeString(folder.resolve("java"), "#!/bin/sh\n[ ! -e '" + started + "' ]\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
        ProcessBuilder builder = builder("start", "relay");
        builder.environment().merge("PATH", folder + ":", (path, mine) -> mine + path);

        assertThat(statusOf(builder.start())).isZero();
    }

    private Process await(String seconds) throws IOException {
        return builder("await-started", seconds).start();
    }

    private ProcessBuilder builder(String script, String argument) {
        ProcessBuilder builder = new ProcessBuilder(
                        "/bin/sh", IMAGE.resolve(script).toString(), argument)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("AMBASSADOR_STARTED_FILE", started.toString());
        return builder;
    }

    private static int statusOf(Process process) throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("it ended").isTrue();
        return process.exitValue();
    }
}
