package link.ambassador;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code mvnw} on a machine that has no {@code unzip}. The script is Apache's but for two marked lines; the Maven that it
 * fetches here is a shell script that prints its arguments.
 */
class MavenWrapperTest {
    private static final Path WRAPPER = Path.of(".mvn/wrapper/maven-wrapper.properties");
    private static final List<String> TOOLS = List.of(
            "sh",
            "basename",
            "cat",
            "chmod",
            "curl",
            "dirname",
            "gzip",
            "ls",
            "mkdir",
            "mktemp",
            "mv",
            "rm",
            "sha256sum",
            "tar",
            "tr",
            "uname",
            "wget");

    @TempDir
    Path directory;

    private HttpServer repository;

    @BeforeEach
    void serveAMaven() throws Exception {
        Path maven = Files.createDirectories(directory.resolve("apache-maven-3.9.11/bin"))
                .resolve("mvn");
        Files.writeString(maven, "#!/bin/sh\necho \"Maven was given: $*\"\n");
        assertThat(maven.toFile().setExecutable(true)).isTrue();
        Path archive = directory.resolve("apache-maven-3.9.11-bin.tar.gz");
        assertThat(new ProcessBuilder("tar", "-czf", archive.toString(), "apache-maven-3.9.11")
                        .directory(directory.toFile())
                        .start()
                        .waitFor())
                .isZero();

        repository = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        repository.createContext("/org/apache/maven/apache-maven/3.9.11/", exchange -> {
            byte[] body =
                    exchange.getRequestURI().getPath().endsWith(".tar.gz") ? Files.readAllBytes(archive) : new byte[0];
            exchange.sendResponseHeaders(body.length == 0 ? 404 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        repository.start();

        Files.copy(Path.of("mvnw"), directory.resolve("mvnw"));
        assertThat(directory.resolve("mvnw").toFile().setExecutable(true)).isTrue();
        Path tools = Files.createDirectories(directory.resolve("tools"));
        for (String tool : TOOLS) {
            for (String place : List.of("/bin/", "/usr/bin/")) {
                if (Files.exists(Path.of(place + tool)) && Files.notExists(tools.resolve(tool))) {
                    Files.createSymbolicLink(tools.resolve(tool), Path.of(place + tool));
                }
            }
        }
        properties(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(archive))));
    }

    @AfterEach
    void stop() {
        repository.stop(0);
    }

    @Test
    void mavenStartsWithoutUnzip() throws Exception {
        assertThat(mvnw("verify", "-q")).isEqualTo("Maven was given: verify -q\n");
    }

    @Test
    void anArchiveWithAnotherChecksumIsNotStarted() throws Exception {
        properties("0".repeat(64));

        assertThat(mvnw("verify"))
                .contains("Failed to validate Maven distribution SHA-256")
                .doesNotContain("Maven was given");
    }

    /** The project's own properties, with the checksum of the archive that is served here. */
    private void properties(String tarGzSha256) throws IOException {
        String own = Files.readString(WRAPPER);
        String ours = own.replaceAll("(?m)^(distributionTarGzSha256Sum)=[0-9a-f]{64}$", "$1=" + tarGzSha256);
        assertThat(ours).isNotEqualTo(own);
        Files.createDirectories(directory.resolve(WRAPPER).getParent());
        Files.writeString(directory.resolve(WRAPPER), ours);
    }

    /** What it prints on both streams. */
    private String mvnw(String... arguments) throws Exception {
        ProcessBuilder command = new ProcessBuilder();
        command.command().add(directory.resolve("mvnw").toString());
        command.command().addAll(List.of(arguments));
        command.environment().clear();
        command.environment().put("PATH", directory.resolve("tools").toString());
        command.environment().put("HOME", directory.resolve("home").toString());
        command.environment()
                .put(
                        "MVNW_REPOURL",
                        "http://127.0.0.1:" + repository.getAddress().getPort());
        Process process = command.redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return printed;
    }
}
